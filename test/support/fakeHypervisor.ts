/** Machines without QEMU: each is a domain with a guest that does as it is told. */
import { symlink } from 'node:fs/promises';
import type { Connection, Domain } from '../../lib/index.js';
import { FakeDomain } from './fakeDomain.js';
import { FakeGuest, type GuestRequest, guestMemory } from './fakeGuest.js';

const kibPerMib = 1024;

export interface FakeMachine {
  readonly name: string;
  readonly xml: string;
  isPaused: boolean;
  readonly domain: FakeDomain;
  readonly guest: FakeGuest;
  isRunning: boolean;
}

interface Test {
  teardown(handler: () => Promise<void>): unknown;
}

export class FakeHypervisor {
  /** All that were ever started, in their order. */
  readonly machines: FakeMachine[] = [];
  /** Runs before a machine is started; one that throws refuses. */
  onCreate: (name: string) => void | Promise<void> = () => {};
  /** Whether the machine ends before its guest has said anything. */
  endsEarly: (name: string) => boolean = () => false;
  /** Runs before a machine is ended. */
  onDestroy: (name: string) => void | Promise<void> = () => {};
  /** Runs before a guest answers; what it gives is said instead of what it asks. */
  onRequest: (machine: FakeMachine, op: string) => object | undefined = () => undefined;

  constructor(t: Test) {
    t.teardown(async () => {
      for (const { guest } of this.machines) await guest.close();
    });
  }

  /** As what it stands in for; whatever else is called of it fails the test. */
  get connection(): Connection {
    return this as unknown as Connection;
  }

  get running(): string[] {
    return this.machines.filter(({ isRunning }) => isRunning).map(({ name }) => name);
  }

  async createDomain(xml: string, options: { paused?: boolean } = {}): Promise<Domain> {
    const name = /<name>([^<]+)/.exec(xml)?.[1] ?? '';
    await this.onCreate(name);
    const domain = new FakeDomain(Number(/<requested [^>]+>(\d+)/.exec(xml)?.[1]) / kibPerMib);
    const guest = await FakeGuest.listen(this.endsEarly(name) ? null : undefined);
    await symlink(guest.socketPath, /<source mode="bind" path="([^"]+)"/.exec(xml)?.[1] ?? '');
    const isPaused = options.paused === true;
    const machine: FakeMachine = { name, xml, isPaused, domain, guest, isRunning: true };
    guest.onRequest = (request) => this.#answer(machine, request);
    this.machines.push(machine);
    return Object.assign(domain, {
      resume: async () => {
        machine.isPaused = false;
      },
      suspend: async () => {
        machine.isPaused = true;
      },
      close: async () => {},
      destroy: async () => {
        await this.onDestroy(name);
        machine.isRunning = false;
        guest.hangUp();
      },
    }).domain;
  }

  #answer(machine: FakeMachine, request: GuestRequest): void {
    const op = String(request.head.op);
    const said = this.onRequest(machine, op);
    const ready = { outcome: 'ready', initMs: 1, logTail: '', memory: guestMemory };
    machine.guest.reply(request, said ?? ready);
  }
}

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { AgentClient } from '../../src/agent/client.js';
import type { ExitEvent, Hello } from '../../src/agent/messages.js';
import { emulation } from '../../src/pool/emulation.js';
import { kernelCommandLine } from '../../src/pool/kernelCommandLine.js';
import { makeBlankScratch } from '../../src/pool/scratch.js';
import { testDirectoryPrefix } from '../support/testDirectory.js';

const image = resolve('build/image');
const floorMib = 320;
const bootTimeoutMs = 120_000;
const settleTimeoutMs = 30_000;
const pollMs = 5;
const reconnectPauseMs = 250;
const mibBytes = 1024 * 1024;

/** A guest of the built image in a bare QEMU, without libvirt: what is under test is the guest. */
export class RawGuest {
  readonly exits: ExitEvent[] = [];
  readonly #dir = mkdtempSync(testDirectoryPrefix);
  #qemu: ChildProcess | undefined;
  #client: AgentClient | undefined;
  #hello: Hello | undefined;

  /** Boots a guest whose /var/task holds these files. */
  static async boot(files: Readonly<Record<string, string>>): Promise<RawGuest> {
    const guest = new RawGuest();
    try {
      guest.#makeTask(files);
      await makeBlankScratch(guest.scratchPath);
      guest.#qemu = spawn('qemu-system-x86_64', guest.#arguments(), { stdio: 'ignore' });
      await guest.#connect();
      return guest;
    } catch (error) {
      const console = guest.console();
      await guest.end();
      throw new Error(`the guest did not boot; its console: ${console}`, { cause: error });
    }
  }

  get scratchPath(): string {
    return this.#path('scratch.img');
  }

  get client(): AgentClient {
    if (this.#client === undefined) throw new Error('the guest is not connected');
    return this.#client;
  }

  get hello(): Hello {
    if (this.#hello === undefined) throw new Error('the guest has not said hello');
    return this.#hello;
  }

  /** Goes away and comes back, with the pause that the protocol asks for. */
  async reconnect(): Promise<void> {
    this.client.close();
    await delay(reconnectPauseMs);
    await this.#connect();
  }

  async #connect(): Promise<void> {
    const { client, hello } = await AgentClient.connect(this.#path('agent'), {
      signal: AbortSignal.timeout(bootTimeoutMs),
      onExit: (event) => this.exits.push(event),
    });
    this.#client = client;
    this.#hello = hello;
  }

  console(): string {
    try {
      return readFileSync(this.#path('console'), 'utf8');
    } catch {
      return '(none)';
    }
  }

  /** Sets the elastic memory and waits until the guest has it. @throws when it does not settle */
  async resize(requestedMib: number): Promise<void> {
    const value = requestedMib * mibBytes;
    const device = { path: '/machine/peripheral/vmem0' };
    await this.#qmp('qom-set', { ...device, property: 'requested-size', value });
    const giveUp = Date.now() + settleTimeoutMs;
    while ((await this.#qmp('qom-get', { ...device, property: 'size' })) !== value) {
      if (Date.now() > giveUp) throw new Error(`${requestedMib} MiB did not settle`);
      await delay(pollMs);
    }
  }

  async end(): Promise<void> {
    this.#client?.close();
    const qemu = this.#qemu;
    if (qemu !== undefined && qemu.exitCode === null && qemu.signalCode === null) {
      const ended = once(qemu, 'exit');
      qemu.kill('SIGKILL');
      await ended;
    }
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #path(name: string): string {
    return join(this.#dir, name);
  }

  #makeTask(files: Readonly<Record<string, string>>): void {
    const task = this.#path('task');
    mkdirSync(task);
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(task, name), text, { mode: name === 'bootstrap' ? 0o755 : 0o644 });
    }
    execFileSync('mkfs.erofs', [this.#path('task.erofs'), task], { stdio: 'ignore' });
  }

  #arguments(): string[] {
    const disk = (serial: string, file: string, readonly: 'on' | 'off'): string[] => [
      '-drive',
      `file=${file},if=none,id=${serial},format=raw,readonly=${readonly},discard=unmap`,
      '-device',
      `virtio-blk-pci,drive=${serial},serial=${serial}`,
    ];
    return [
      ['-accel', `tcg,tb-size=${emulation.translationsMib}`, '-machine', 'q35', '-smp', '2'],
      ['-cpu', `max,-${emulation.slowFeature}`],
      ['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
      ['-m', `size=${floorMib}M,slots=1,maxmem=8G`],
      ['-kernel', join(image, 'vmlinux'), '-initrd', join(image, 'initramfs.img')],
      ['-append', kernelCommandLine('tcg'), '-serial', `file:${this.#path('console')}`],
      ['-device', 'virtio-serial-pci'],
      ['-chardev', `socket,id=agent,path=${this.#path('agent')},server=on,wait=off`],
      ['-device', 'virtserialport,chardev=agent,name=io.ballast.agent'],
      ['-qmp', `unix:${this.#path('qmp')},server=on,wait=off`],
      ['-object', 'memory-backend-ram,id=vm0,size=2G,reserve=off'],
      ['-device', 'virtio-mem-pci,id=vmem0,memdev=vm0,requested-size=0'],
      disk('ballast-root', join(image, 'root.erofs'), 'on'),
      disk('ballast-task', this.#path('task.erofs'), 'on'),
      disk('ballast-scratch', this.scratchPath, 'off'),
    ].flat();
  }

  /** One QMP command over a connection of its own: capabilities, the command, its answer. */
  async #qmp(execute: string, parameters: object): Promise<unknown> {
    const socket = createConnection(this.#path('qmp'));
    try {
      const commands = [{ execute: 'qmp_capabilities' }, { execute, arguments: parameters }];
      for (const command of commands) socket.write(`${JSON.stringify(command)}\n`);
      let answers = 0;
      for await (const line of createInterface({ input: socket })) {
        const answer = JSON.parse(line);
        if ('error' in answer) throw new Error(`${execute}: ${answer.error.desc}`);
        if ('return' in answer) answers += 1;
        if (answers === commands.length) return answer.return;
      }
      throw new Error(`QEMU ended before it answered ${execute}`);
    } finally {
      socket.destroy();
    }
  }
}

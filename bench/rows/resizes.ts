/** How long it takes until an instance has another size. */
import type { Connection } from '../../lib/index.js';
import { VirtioMem } from '../../src/memory/virtioMem.js';
import type { FunctionRecord } from '../../src/model/function.js';
import type { Instance } from '../../src/pool/instance.js';
import { timeOf } from '../clock.js';
import { type Ground, invoke } from '../ground.js';
import { median, type Row, rowOf } from '../row.js';

const turns = 7;
const smallMib = 128;
const grownMib = smallMib + 512;
const claimedMib = 2048;
const claims = 3;
/** So that filling memory does not take minutes of a small size's share of the processor. */
const wholeVcpu = 1000;
/** Of files, in MiB: far more than fits beside the function at its small size. */
const cachedMib = 1900;
/** How long virtio-mem without the agent's help is waited for. */
const aloneMs = 10_000;
const settleMs = 30_000;

/** Against the way of libvirt's own documentation: to wait for its event. */
export async function grow512(ground: Ground, fn: FunctionRecord): Promise<Row> {
  const instance = await ground.boot(fn, smallMib);
  const samples: { ballast: number[]; against: number[] } = { ballast: [], against: [] };
  for (let turn = 0; turn < turns; turn += 1) {
    samples.ballast.push(await timeOf(() => instance.resize(grownMib)));
    await instance.resize(smallMib);
    samples.against.push(await timeOf(() => growByEvent(ground.connection, instance)));
    await takeBack(instance);
  }
  await ground.end(instance);
  return rowOf('grow-512', samples, "updateDeviceFlags, then libvirt's event of that size");
}

/** 2 GiB that the function has used and freed, until the host has them; against a balloon. */
export async function claim2048(ground: Ground, fn: FunctionRecord): Promise<Row> {
  const largeMib = smallMib + claimedMib;
  const pool = await ground.openPool('balloon', largeMib);
  const plugging = await ground.boot(fn, smallMib);
  const ballooning = await ground.boot(fn, smallMib, pool);
  const claimOf = async (instance: Instance) => {
    await instance.resize(largeMib, wholeVcpu);
    await invoke(instance, { mib: claimedMib });
    return timeOf(() => instance.resize(smallMib));
  };
  const samples: { ballast: number[]; against: number[] } = { ballast: [], against: [] };
  for (let turn = 0; turn < claims; turn += 1) {
    samples.ballast.push(await claimOf(plugging));
    samples.against.push(await claimOf(ballooning));
  }
  await ground.end(plugging);
  await ground.end(ballooning, pool);
  return rowOf('claim-2048', samples, 'a balloon, in a guest of the same kernel and size');
}

/** 2 GiB of which files that the function wrote fill a part, with and without the agent's help. */
export async function claimCooperation(ground: Ground, fn: FunctionRecord): Promise<Row> {
  const instance = await ground.boot(fn, smallMib);
  const largeMib = smallMib + claimedMib;
  const elastic = new VirtioMem(instance.domain, smallMib);
  const fill = async () => {
    await instance.resize(largeMib, wholeVcpu);
    await invoke(instance, { mib: cachedMib });
  };
  const samples: { ballast: number[]; against: number[] } = { ballast: [], against: [] };
  const left: number[] = [];
  for (let turn = 0; turn < claims; turn += 1) {
    await fill();
    samples.ballast.push(await timeOf(() => instance.resize(smallMib)));
    await fill();
    samples.against.push(
      await timeOf(async () => {
        await elastic.request(smallMib);
        left.push((await elastic.settle(smallMib, aloneMs)).pluggedMib - smallMib);
      }),
    );
    await instance.resize(smallMib);
  }
  await ground.end(instance);
  const against = `virtio-mem alone, given up with ${median(left)} MiB to go`;
  return rowOf('claim-2048-cooperation', samples, against);
}

async function growByEvent(connection: Connection, { domain }: Instance): Promise<void> {
  const wantedKib = grownMib * 1024;
  let arrive: () => void = () => {};
  const arrived = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  const subscription = await connection.watch(
    'memory-device-size-change',
    ({ sizeKib }) => {
      if (sizeKib === wantedKib) arrive();
    },
    { domain },
  );
  await new VirtioMem(domain, smallMib).request(grownMib);
  await arrived;
  await subscription.close();
}

async function takeBack({ domain }: Instance): Promise<void> {
  const elastic = new VirtioMem(domain, grownMib);
  await elastic.request(smallMib);
  await elastic.settle(smallMib, settleMs);
}

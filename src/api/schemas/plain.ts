/** The shapes of ballast's own routes, under `/v1`. */
import { Type } from '@fastify/type-provider-typebox';
import { limits } from '../../model/limits.js';

const mib = (description: string) => Type.Number({ description });

const Resize = Type.Object({
  mechanism: Type.String(),
  ms: Type.Number(),
  settled: Type.Boolean(),
  state: Type.String({ description: 'settled, or partial where the guest keeps memory' }),
  returned: Type.Boolean({ description: 'Whether the host gets back what was claimed.' }),
});

const Standing = Type.Object({
  requestedMib: mib('What was asked for.'),
  state: Type.String({ description: 'accepted, converging, settled, partial or failed' }),
  pluggedMib: mib('What the guest has by now.'),
  limitMib: mib('What its function may use by now.'),
});

export const InstanceParams = Type.Object({ instanceId: Type.String() });

export const Instance = Type.Object({
  instanceId: Type.String(),
  state: Type.String({ description: 'starting, busy, hot, deflated or evicting' }),
  functionName: Type.String(),
  version: Type.String(),
  floorMib: mib('What the guest booted with.'),
  pluggedMib: mib('What the guest has beyond its floor.'),
  limitMib: mib("The guest cgroup's memory.max: what the function may use."),
  cpuMillis: Type.Integer({ description: 'Its share of the processor: 1000 is one vCPU.' }),
  storageMib: mib('What the function may keep in /tmp.'),
  diskMib: Type.Union([Type.Number(), Type.Null()], {
    description: "What its scratch disk takes of the host's; null when that has gone.",
  }),
  residentMib: Type.Union([Type.Number(), Type.Null()], {
    description: 'What the host has given to its QEMU; null when that has gone.',
  }),
  chargedMib: mib('What the ledger holds for it.'),
  resize: Type.Union([Standing, Type.Null()], {
    description: 'The resize under way, or the last one.',
  }),
  idleMs: Type.Number(),
});

export const InstanceList = Type.Object({ instances: Type.Array(Instance) });

export const ResizeBody = Type.Object(
  {
    requestedMib: Type.Integer({
      minimum: limits.minMemoryMib,
      maximum: limits.maxMemoryMib,
      description: `A whole number of MiB from ${limits.minMemoryMib} to ${limits.maxMemoryMib}.`,
    }),
  },
  { additionalProperties: false },
);

export const ResizeReceipt = Type.Object({
  instanceId: Type.String(),
  requestedMib: mib('What was asked for.'),
  fromMib: mib('The size before.'),
  pluggedMib: mib('What the guest has beyond its floor.'),
  limitMib: mib('What the function may use.'),
  resize: Resize,
});

const { minEphemeralMib, maxEphemeralMib } = limits;

export const StorageBody = Type.Object(
  {
    storageMib: Type.Integer({
      minimum: minEphemeralMib,
      maximum: maxEphemeralMib,
      description: `A whole number of MiB from ${minEphemeralMib} to ${maxEphemeralMib}.`,
    }),
  },
  { additionalProperties: false },
);

export const InstanceStorage = Type.Object({
  instanceId: Type.String(),
  storageMib: mib('What the function may keep in /tmp.'),
  fromMib: mib('What it was before.'),
  usedMib: mib("What the function's files take."),
});

export const Host = Type.Object({
  memory: Type.Object({
    budgetMib: mib('What all instances together may be charged.'),
    chargedMib: mib('What they are charged.'),
    reservedMib: mib('What is set aside for boots and resizes under way.'),
  }),
  accelerator: Type.Object({ kind: Type.String(), reason: Type.String() }),
  mechanism: Type.Object({ name: Type.String(), reason: Type.String() }),
  start: Type.Object({ name: Type.String(), reason: Type.String() }),
  memoryMax: Type.Object(
    { isSet: Type.Boolean(), reason: Type.String() },
    { description: "Whether the host itself limits what a VM may take: its cgroup's memory.max." },
  ),
  libvirt: Type.Object({ uri: Type.String(), version: Type.String() }),
  qemu: Type.Object({ version: Type.String() }),
  image: Type.Object({ digest: Type.String(), kernel: Type.String() }),
  floorMib: mib('What every guest boots with.'),
  maxMemoryMib: mib('The largest size that an invocation may ask for here.'),
  maxCpuMillis: Type.Integer({ description: 'The largest share of the processor: 1000 a vCPU.' }),
  instances: Type.Record(Type.String(), Type.Integer(), { description: 'Counts by state.' }),
  queued: Type.Integer({ description: 'Invocations that wait for an instance.' }),
  runtimes: Type.Array(Type.Object({ name: Type.String() })),
});

export const FunctionMemory = Type.Object({
  functionName: Type.String(),
  memoryMib: mib("The function's MemorySize."),
  recommendedMib: Type.Union([Type.Number(), Type.Null()], {
    description:
      'Enough for 99 of 100 invocations, headroom included; null while there are fewer than 10.',
  }),
  confidence: Type.Number({ description: 'How likely it is that this is so, from 0 to 1.' }),
  samples: Type.Integer({ description: 'Invocations that were counted.' }),
  needs: Type.Array(
    Type.Object({
      upToMib: mib('The upper edge of the bin.'),
      count: Type.Integer({
        description: 'Invocations whose peak and headroom (15 %) lie in the bin.',
      }),
    }),
    { description: 'The histogram, in ascending order, without empty bins.' },
  ),
});

export const Health = Type.Object({ status: Type.Literal('ok') });

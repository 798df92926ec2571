/** The shapes of ballast's own routes, under `/v1`. */
import { Type } from '@fastify/type-provider-typebox';
import { limits } from '../../model/limits.js';

const mib = (description: string) => Type.Number({ description });

const Resize = Type.Object({
  mechanism: Type.String(),
  ms: Type.Number(),
  settled: Type.Boolean(),
});

export const InstanceParams = Type.Object({ instanceId: Type.String() });

export const Instance = Type.Object({
  instanceId: Type.String(),
  state: Type.String({ description: 'starting, busy, hot or evicting' }),
  functionName: Type.String(),
  version: Type.String(),
  floorMib: mib('What the guest booted with.'),
  pluggedMib: mib('What virtio-mem reports.'),
  limitMib: mib("The guest cgroup's memory.max: what the function may use."),
  residentMib: Type.Union([Type.Number(), Type.Null()], {
    description: 'What the host has given to its QEMU; null when that has gone.',
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
  pluggedMib: mib('What virtio-mem reports.'),
  limitMib: mib('What the function may use.'),
  resize: Resize,
});

export const Host = Type.Object({
  memory: Type.Object({
    budgetMib: mib('What all instances together may be charged.'),
    chargedMib: mib('What they are charged.'),
    reservedMib: mib('What is set aside for boots and resizes under way.'),
  }),
  accelerator: Type.Object({ kind: Type.String(), reason: Type.String() }),
  libvirt: Type.Object({ uri: Type.String(), version: Type.String() }),
  qemu: Type.Object({ version: Type.String() }),
  image: Type.Object({ digest: Type.String(), kernel: Type.String() }),
  floorMib: mib('What every guest boots with.'),
  maxMemoryMib: mib('The largest size that an invocation may ask for here.'),
  instances: Type.Record(Type.String(), Type.Integer(), { description: 'Counts by state.' }),
  queued: Type.Integer({ description: 'Invocations that wait for an instance.' }),
  runtimes: Type.Array(Type.Object({ name: Type.String() })),
});

export const Health = Type.Object({ status: Type.Literal('ok') });

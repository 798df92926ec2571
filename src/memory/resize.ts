/** Carries a plan out on one instance, and says where it stands whatever happens. */
import { AgentFailure } from '../agent/channel.js';
import type { GuestLimits, GuestMemory } from '../agent/messages.js';
import { BallastError } from '../model/errors.js';
import type { ResizeReport } from '../model/invocation.js';
import type { Size, Step } from './plan.js';
import type { Settling } from './virtioMem.js';

/** The guest's half of a resize: `AgentClient` has it. */
interface LimitSetter {
  claim(limits: GuestLimits): Promise<GuestMemory>;
  release(limits: GuestLimits): Promise<GuestMemory>;
}

/** The host's half of a resize: `VirtioMem` has it. */
interface Elastic {
  request(pluggedMib: number): Promise<void>;
  settle(pluggedMib: number, boundMs: number): Promise<Settling>;
}

export interface ResizeParts {
  readonly agent: LimitSetter;
  readonly elastic: Elastic;
  readonly limitsFor: (requestedMib: number) => GuestLimits;
  /** How long the guest may take to plug or unplug. */
  readonly settleMs: number;
}

export interface ResizeOutcome {
  readonly size: Size;
  readonly report: ResizeReport;
}

/**
 * Runs the steps in order. An unplug that does not settle is no error: the function has its exact
 * limit already, and `settled` tells that the host still waits for the rest. A plug that does not
 * settle is taken back and thrown, since the function could not use what it asked for.
 * @throws BallastError MEMORY_HELD, RESIZE_UNSETTLED; their details carry `pluggedMib` and
 * `limitMib`
 */
export async function resize(
  parts: ResizeParts,
  from: Size,
  steps: readonly Step[],
): Promise<ResizeOutcome> {
  const started = performance.now();
  let size = from;
  let settled = true;
  let mechanism: ResizeReport['mechanism'] = 'none';
  for (const step of steps) {
    if (step.kind === 'claim' || step.kind === 'release') {
      size = await setLimits(parts, size, step.kind, step.limitMib);
      continue;
    }
    mechanism = 'virtio-mem';
    await parts.elastic.request(step.pluggedMib);
    const reached = await parts.elastic.settle(step.pluggedMib, parts.settleMs);
    if (!reached.settled && step.kind === 'plug') {
      throw await takeBack(parts, size, step.pluggedMib, reached.pluggedMib);
    }
    size = { ...size, pluggedMib: reached.pluggedMib };
    settled = reached.settled;
  }
  const ms = Math.round((performance.now() - started) * 1000) / 1000;
  return { size, report: { mechanism, ms, settled } };
}

async function setLimits(
  parts: ResizeParts,
  size: Size,
  kind: 'claim' | 'release',
  limitMib: number,
): Promise<Size> {
  try {
    await parts.agent[kind](parts.limitsFor(limitMib));
  } catch (error) {
    if (!(error instanceof AgentFailure) || error.code !== 'memory-held') throw error;
    const heldMib = Math.ceil((error.heldBytes ?? 0) / (1024 * 1024));
    throw new BallastError(
      'MEMORY_HELD',
      `The function holds ${heldMib} MiB in use, so its instance cannot shrink to ` +
        `${limitMib} MiB; ` +
        `it stays at ${size.limitMib} MiB. Ask for more than it holds, or evict the instance.`,
      { cause: error, details: { ...size, heldMib } },
    );
  }
  return { ...size, limitMib };
}

async function takeBack(
  parts: ResizeParts,
  size: Size,
  targetMib: number,
  reachedMib: number,
): Promise<BallastError> {
  await parts.elastic.request(size.pluggedMib);
  const back = await parts.elastic.settle(size.pluggedMib, parts.settleMs);
  return new BallastError(
    'RESIZE_UNSETTLED',
    `The guest took ${reachedMib} of ${targetMib} MiB within ${parts.settleMs} ms. ` +
      `The instance stands at ${back.pluggedMib} MiB again; ` +
      `its function may use ${size.limitMib} MiB.`,
    { details: { pluggedMib: back.pluggedMib, limitMib: size.limitMib } },
  );
}

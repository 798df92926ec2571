/** Numbers on the command line. `Number()` would take `1e3`, ` 5`, `0x10` and nothing at all. */
import { InvalidArgumentError } from 'commander';
import { limits } from '../model/limits.js';

interface Range {
  readonly minimum: number;
  readonly maximum: number;
  readonly unit: string;
}

/** A parser for commander. It throws InvalidArgumentError with what is allowed. */
function wholeNumber(range: Range, others = ''): (text: string) => number {
  const { minimum, maximum, unit } = range;
  return (text) => {
    const value = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(
      `Allowed: whole ${unit} from ${minimum} to ${maximum}${others}.`,
    );
  };
}

const memoryRange = {
  minimum: limits.minMemoryMib,
  maximum: limits.maxMemoryMib,
  unit: 'MiB',
};

export const parseMemoryMib = wholeNumber(memoryRange);

const parseMemoryOrAuto = wholeNumber(memoryRange, ', or auto');

/** `auto` is what the function's invocations have needed. */
export function parseMemoryWish(text: string): number | 'auto' {
  return text === 'auto' ? text : parseMemoryOrAuto(text);
}

export const parseEphemeralMib = wholeNumber({
  minimum: limits.minEphemeralMib,
  maximum: limits.maxEphemeralMib,
  unit: 'MiB',
});

/** How many there are is the host's to say: it refuses more. */
export const parseCpuMillis = wholeNumber({
  minimum: limits.minCpuMillis,
  maximum: limits.maxCpuMillis,
  unit: 'thousandths of a vCPU',
});

export const parseTimeoutSeconds = wholeNumber({
  minimum: 1,
  maximum: limits.maxTimeoutSeconds,
  unit: 'seconds',
});

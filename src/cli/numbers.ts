/** Numbers on the command line. `Number()` would take `1e3`, ` 5`, `0x10` and nothing at all. */
import { InvalidArgumentError } from 'commander';
import { limits } from '../model/limits.js';

interface Range {
  readonly minimum: number;
  readonly maximum: number;
  readonly unit: string;
}

/** A parser for commander. It throws InvalidArgumentError with what is allowed. */
function wholeNumber({ minimum, maximum, unit }: Range): (text: string) => number {
  return (text) => {
    const value = /^(0|[1-9]\d{0,8})$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`Allowed: whole ${unit} from ${minimum} to ${maximum}.`);
  };
}

export const parseMemoryMib = wholeNumber({
  minimum: limits.minMemoryMib,
  maximum: limits.maxMemoryMib,
  unit: 'MiB',
});

export const parseEphemeralMib = wholeNumber({
  minimum: limits.minEphemeralMib,
  maximum: limits.maxEphemeralMib,
  unit: 'MiB',
});

export const parseTimeoutSeconds = wholeNumber({
  minimum: 1,
  maximum: limits.maxTimeoutSeconds,
  unit: 'seconds',
});

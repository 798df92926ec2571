/** Numbers that nobody else must draw, of every source that there is. */
import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';

export const handler = async () => {
  const device = await open('/dev/urandom');
  const { buffer } = await device.read(Buffer.alloc(16), 0, 16);
  await device.close();
  return {
    math: [Math.random(), Math.random()].join(),
    bytes: randomBytes(16).toString('hex'),
    uuid: randomUUID(),
    int: String(randomInt(2 ** 47)),
    web: String(crypto.getRandomValues(new BigUint64Array(2))),
    device: buffer.toString('hex'),
    boot: readFileSync('/proc/sys/kernel/random/uuid', 'utf8').trim(),
    // What a new process finds, this one must too.
    zone: new Date(0).getTimezoneOffset(),
    flag: process.env.FLAG ?? null,
    options: process.execArgv.join(' ') + (process.env.NODE_OPTIONS ?? ''),
    directory: process.cwd(),
    now: Date.now(),
  };
};

/**
 * A process that creates functions, each with code of its own, and prints the name of each one
 * after it was acknowledged. A test kills it.
 */
import { randomUUID } from 'node:crypto';
import { openStore } from '../../../src/store/index.js';
import { zipOf } from './zips.js';

const [, , directory] = process.argv;
if (directory === undefined) throw new Error('say which state directory to write to');

const store = await openStore({ directory });
for (let count = 0; count < 10_000; count += 1) {
  const name = `f-${randomUUID()}`;
  const zip = await zipOf([{ name: 'index.mjs', bytes: name }]);
  await store.create(
    {
      functionName: name,
      runtime: 'nodejs20.x',
      handler: 'index.handler',
      role: '',
      description: '',
      memoryMib: 128,
      ephemeralMib: 512,
      timeoutSeconds: 3,
      environment: {},
      snapStart: 'None',
    },
    zip,
  );
  process.stdout.write(`${name}\n`);
}

/** Says what it did before its machine was snapshotted, and what since it was restored. */
import { randomInt, randomUUID } from 'node:crypto';
import { registerAfterRestore, registerBeforeSnapshot } from 'snapshot-restore';

const events = ['init'];
const born = randomUUID();
const { random } = Math;
random();
randomInt(10);

registerBeforeSnapshot(async () => events.push('before'));
registerAfterRestore(async (word) => events.push(word), 'after');

export const handler = async () => ({
  events,
  born,
  math: random(),
  uuid: randomUUID(),
  int: randomInt(2 ** 47),
  type: process.env.AWS_LAMBDA_INITIALIZATION_TYPE,
});

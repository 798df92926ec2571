import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { connect } from '../../lib/index.js';
import { testUri } from '../support/testDriver.js';
import { within } from '../support/within.js';

const run = promisify(execFile);
const busyWorker = new URL('./busyWorker.js', import.meta.url);
const openAtEnd = fileURLToPath(new URL('./openAtEnd.js', import.meta.url));

t.test(
  'a worker thread has a binding of its own, and may end in the middle of calls',
  async (t) => {
    await using connection = await connect(testUri);
    const worker = new Worker(busyWorker);
    const [name] = await within('the worker speaks', once(worker, 'message'));
    t.equal(name, 'test');
    t.equal(await worker.terminate(), 1);
    t.equal(await connection.isAlive(), true);
  },
);

t.test('the process ends although a connection and a subscription are open', async (t) => {
  const { stdout, stderr } = await run(process.execPath, [openAtEnd]);
  t.equal(stdout, 'end\n');
  t.equal(stderr, '');
});

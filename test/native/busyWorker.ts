/** A worker thread of a test: says what it found, then makes calls until it is ended. */
import { parentPort } from 'node:worker_threads';
import { connect } from '../../lib/index.js';
import { testUri } from '../support/testDriver.js';

const connection = await connect(testUri);
await connection.watch('lifecycle', () => undefined);
parentPort?.postMessage((await connection.lookupByName('test')).name);
for (;;) await connection.hostname();

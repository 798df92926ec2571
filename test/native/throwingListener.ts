/** Run by a test: its listener throws, and what comes of that is printed. */
import { connect } from '../../lib/index.js';
import { recordLifecycle } from '../support/lifecycle.js';
import { testUri } from '../support/testDriver.js';

process.on('uncaughtException', (error) => process.stdout.write(`uncaught: ${error.message}\n`));

await using connection = await connect(testUri);
const domain = await connection.lookupByName('test');
await connection.watch('lifecycle', ({ event }) => {
  throw new Error(event);
});
// Registered after it, so that it hears of each event after it.
const { until } = await recordLifecycle(connection);
await Promise.all([domain.suspend(), domain.resume()]);
await until('test resumed');

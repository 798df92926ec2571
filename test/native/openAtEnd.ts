/** Run by a test: ends by itself, with everything open. */
import { connect } from '../../lib/index.js';
import { testUri } from '../support/testDriver.js';

const connection = await connect(testUri);
await connection.watch('lifecycle', () => undefined);
await connection.lookupByName('test');
process.stdout.write('end\n');

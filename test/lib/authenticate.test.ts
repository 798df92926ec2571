import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { type Authenticate, type Credential, connect } from '../../lib/index.js';
import { isOld, libvirtVersion, withCode } from '../support/testDriver.js';

const directory = t.testdir({});
const node = join(directory, 'node.xml');
writeFileSync(node, "<node><auth><user password='secret'>me</user></auth></node>");
const uri = `test://${node}`;

const login: Authenticate = (credentials) =>
  credentials.map(({ type }) => (type === 'passphrase' ? 'secret' : 'me'));

t.test('credentials are asked for, and let in', async (t) => {
  const asked: Credential[] = [];
  await using connection = await connect(uri, {
    authenticate: async (credentials) => {
      asked.push(...credentials);
      return login(credentials);
    },
  });
  t.equal(await connection.isAlive(), true);
  t.same(
    asked.map(({ type, challenge }) => `${type} ${challenge}`),
    ['authname localhost', `passphrase ${isOld(await libvirtVersion()) ? 'localhost' : null}`],
  );
  t.match(asked[1]?.prompt, "me's password");
});

t.test('without them, with wrong ones, or with none, the connection is refused', async (t) => {
  await t.rejects(connect(uri), withCode('INVALID_ARG'));
  const refused = withCode('AUTH_FAILED');
  await t.rejects(connect(uri, { authenticate: () => ['nobody'] }), refused);
  await t.rejects(connect(uri, { authenticate: () => [] }), refused);
  await t.rejects(connect(uri, { authenticate: () => 'me' as never }), refused);
  const giveUp = () => {
    throw new Error('no');
  };
  await t.rejects(connect(uri, { authenticate: giveUp }), refused);
});

t.test('an abort ends the wait for an answer that does not come', async (t) => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const never = new Promise<string[]>(() => undefined);
  const connecting = connect(uri, {
    signal: controller.signal,
    authenticate: () => {
      controller.abort(reason);
      return never;
    },
  });
  await t.rejects(connecting, reason);
});

t.test('a read-only connection asks as well', async (t) => {
  await using connection = await connect(uri, {
    authenticate: login,
    readOnly: true,
  });
  const domain = { name: 'LibvirtError', message: /./, code: 'OPERATION_DENIED' };
  await t.rejects(connection.defineDomain('<domain/>'), domain);
  // The test driver does not know the flag, which proves that it arrives.
  await t.rejects(connect(uri, { noAliases: true }), withCode('INVALID_ARG'));
});

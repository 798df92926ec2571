import { join } from 'node:path';
import t, { type Test } from 'tap';
import { ClosedError, connect, LibvirtError } from '../../lib/index.js';
import { openHypervisor } from '../../src/hypervisor.js';
import { embedUriOf } from '../../src/pool/embedRoot.js';
import { LibvirtDaemon } from '../support/libvirtDaemon.js';
import { testUri } from '../support/testDriver.js';

const stateDir = '/';

/** Sets a variable of the environment, or unsets it, for as long as the test runs. */
function setVariable(t: Test, name: string, value: string | undefined): void {
  const before = process.env[name];
  const set = (to: string | undefined) => {
    if (to === undefined) delete process.env[name];
    else process.env[name] = to;
  };
  set(value);
  t.teardown(() => set(before));
}

t.test('libvirt is opened, and says what it is', async (t) => {
  const { connection, libvirt, qemu } = await openHypervisor(testUri, stateDir);
  t.teardown(() => connection.close());
  t.equal(libvirt.uri, testUri);
  t.match(libvirt.version, /^\d+\.\d+\.\d+$/);
  t.match(qemu.version, /^\d+\.\d+\.\d+$/);
  t.equal(await connection.isAlive(), true);
});

t.test('libvirt says nothing of each VM, unless it was told what to say', async (t) => {
  const name = 'LIBVIRT_LOG_FILTERS';
  for (const [before, after] of [[undefined, '4:qemu'] as const, ['1:util', '1:util'] as const]) {
    setVariable(t, name, before);
    await (await openHypervisor(testUri, stateDir)).connection.close();
    t.equal(process.env[name], after);
  }
});

t.test('a URI that cannot be opened is named, with the cause and the cure', async (t) => {
  const absent = 'qemu+unix:///system?socket=/nowhere/libvirt-sock';
  for (const [uri, cause] of [['nothing:///', /\S/] as const, [absent, /nowhere/] as const]) {
    const error = await openHypervisor(uri, stateDir).catch((caught: unknown) => caught);
    t.match(error, { code: 'HOST_UNUSABLE', message: cause, cause: { message: cause } });
    const { message, cause: given } = error as Error;
    t.ok(message.startsWith(`BALLAST_LIBVIRT_URI=${uri} cannot be opened: `), message);
    t.match(message, /Unset it for the embedded driver/);
    t.type(given, LibvirtError);
  }
});

t.test('a connection that does not tell its version is closed', async (t) => {
  const daemon = await LibvirtDaemon.start(t);
  const connection = await connect(daemon.uri);
  await daemon.kill();
  await t.rejects(
    openHypervisor(daemon.uri, stateDir, async () => connection),
    { code: 'HOST_UNUSABLE' },
  );
  await t.rejects(connection.version(), ClosedError);
});

t.test('a root that cannot work is found before libvirt fails at it', async (t) => {
  const root = join(t.testdir({ file: '' }), 'file');
  await t.rejects(openHypervisor(embedUriOf(root), stateDir), { code: 'STATE_DIRECTORY' });
});

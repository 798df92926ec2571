import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import {
  checkQemuUser,
  embedRootOf,
  embedUriOf,
  prepareEmbedRoot,
} from '../../../src/pool/embedRoot.js';
import { bareDomainXml, openEmbed } from '../../support/embed.js';

const permissionsOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

async function temporaryDirectory(t: Test): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'ballast-'));
  t.teardown(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** The longest root that is accepted, out of the complaint about a longer one. */
async function longestRootBytes(): Promise<number> {
  const error = await prepareEmbedRoot(`/${'x'.repeat(200)}`).catch((caught) => caught);
  return Number(/at most (\d+) bytes/.exec(error.message)?.[1]);
}

t.test('a root survives the way into a URI and back', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), (name) => {
      return embedRootOf(embedUriOf(`/${name}`)) === `/${name}`;
    }),
  );
  t.equal(embedUriOf('/var/lib/ballast/libvirt'), 'qemu:///embed?root=/var/lib/ballast/libvirt');
});

t.test('only a URI of the embedded driver has a root', async (t) => {
  t.equal(embedRootOf('qemu:///embed?root=/a%20b'), '/a b');
  t.equal(embedRootOf('qemu:///embed?log=1&root=/a&more=2#end'), '/a');
  t.equal(embedRootOf('qemu:///embed?root=/a#end'), '/a');
  const others = ['qemu:///system', 'qemu:///embed', 'qemu:///embed?root=', 'test:///default'];
  for (const uri of [...others, 'qemu:///embed?uproot=/a', 'qemu:///embed?root=/%zz']) {
    t.equal(embedRootOf(uri), null, uri);
  }
});

t.test('a root that cannot work is refused, and nothing is made of it', async (t) => {
  const dir = await temporaryDirectory(t);
  const long = join(dir, 'x'.repeat(100));
  const comma = join(dir, 'a,b');
  const code = 'STATE_DIRECTORY';
  await t.rejects(prepareEmbedRoot(long), { code, message: /too long a path.*at most \d+ bytes/ });
  await t.rejects(prepareEmbedRoot(comma), { code, message: /has a comma/ });
  for (const root of [long, comma]) await t.rejects(stat(root), { code: 'ENOENT' });
  await writeFile(join(dir, 'file'), '');
  await t.rejects(prepareEmbedRoot(join(dir, 'file')), { code, message: /file/ });
  await t.rejects(prepareEmbedRoot('/proc/ballast'), { code, message: /\/proc\/ballast/ });
});

t.test('a root is made once and again, for its user and for QEMU to pass', async (t) => {
  const dir = await temporaryDirectory(t);
  const root = join(dir, 'root');
  for (const turn of ['first', 'second']) {
    await prepareEmbedRoot(root);
    const configuration = await readFile(join(root, 'etc', 'qemu.conf'), 'utf8');
    t.match(configuration, /^stdio_handler = "file"$/m, turn);
    t.equal(await permissionsOf(root), 0o711, turn);
  }
  await chmod(root, 0o1770);
  await prepareEmbedRoot(root);
  t.equal(await permissionsOf(root), 0o1770, 'the mode of what is there is not ours to change');
});

t.test('in the longest root that is accepted, of odd characters, a VM starts', async (t) => {
  const prefix = join(tmpdir(), "ballast &%41'");
  const odd = prefix.padEnd((await longestRootBytes()) - 'XXXXXX'.length, '+');
  const connection = await openEmbed(t, odd);
  const xml = bareDomainXml('ballast-i-0123456789ab');
  const domain = await connection.createDomain(xml, { paused: true });
  t.equal((await domain.state()).state, 'paused');
  t.match(await domain.qmp('query-status'), { running: false });
});

const passwd = await readFile('/etc/passwd', 'utf8');
const isElsewhere =
  (process.getuid?.() !== 0 || !/^libvirt-qemu:/m.test(passwd)) &&
  'QEMU runs as another user only for root, where libvirt has one';

t.test("a directory that QEMU's user cannot pass is named", { skip: isElsewhere }, async (t) => {
  const dir = await temporaryDirectory(t);
  const stateDir = join(dir, 'closed', 'state');
  await mkdir(stateDir, { recursive: true });
  await chmod(dir, 0o711);
  await chmod(join(dir, 'closed'), 0o700);
  await t.rejects(checkQemuUser(stateDir), {
    code: 'STATE_DIRECTORY',
    message: new RegExp(`cannot pass ${dir}/closed .*chmod o\\+x ${dir}/closed`),
  });
  await t.rejects(checkQemuUser(dir, stateDir), { code: 'STATE_DIRECTORY' }, 'each is looked at');
  await chmod(join(dir, 'closed'), 0o701);
  await t.resolves(checkQemuUser(stateDir));
});

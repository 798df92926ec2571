/** Volumes as streams, by a daemon's storage driver: there is no embedded one. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import t from 'tap';
import { ClosedError, type Connection, connect, LibvirtError } from '../../lib/index.js';
import { LibvirtDaemon } from '../support/libvirtDaemon.js';
import { isOld, libvirtVersion, testUri, withCode } from '../support/testDriver.js';
import { within } from '../support/within.js';

const sizeBytes = 1024 * 1024;
const volumeXml = (name: string): string => `
  <volume>
    <name>${name}</name><capacity>${sizeBytes}</capacity>
    <target><format type='raw'/></target>
  </volume>`;

const daemon = await LibvirtDaemon.start(t);
const connection = await connect(daemon.storageUri);
const { storage } = connection;
const pool = await storage.createPool(`
  <pool type='dir'><name>volumes</name><target><path>${daemon.directory}</path></target></pool>`);
t.teardown(() => connection.close());

/** Writes to a volume in pieces of every size, and waits until libvirt has taken them. */
async function fill(path: string, bytes: Buffer): Promise<void> {
  const pieces = [bytes.subarray(0, 1), bytes.subarray(1, 1000), bytes.subarray(1000)];
  await pipeline(Readable.from(pieces), await storage.upload(path));
}

async function contentOf(stream: Readable): Promise<Buffer> {
  return Buffer.concat(await stream.toArray());
}

t.test('a volume is written and read', async (t) => {
  const path = await storage.createVolume(pool, volumeXml('whole'));
  t.equal(path, join(daemon.directory, 'whole'));
  const bytes = randomBytes(sizeBytes);
  await fill(path, bytes);
  t.ok(bytes.equals(await readFile(path)), 'the file has what was written');
  t.ok(bytes.equals(await contentOf(await storage.download(path))));
  const part = await storage.download(path, { offsetBytes: 100, lengthBytes: 50 });
  t.same(await contentOf(part), bytes.subarray(100, 150));
});

t.test('a part of a volume is written', async (t) => {
  const path = await storage.createVolume(pool, volumeXml('part'));
  const stream = await storage.upload(path, { offsetBytes: 10, lengthBytes: 5 });
  stream.end('hello');
  await once(stream, 'close');
  t.equal((await readFile(path)).toString('utf8', 9, 16), '\0hello\0');
});

t.test('a stream goes one way', async (t) => {
  const path = await storage.createVolume(pool, volumeXml('way'));
  const upload = await storage.upload(path);
  const download = await storage.download(path);
  t.same([upload.readable, upload.writable], [false, true]);
  t.same([download.readable, download.writable], [true, false]);
  const closed = Promise.all([once(upload, 'close'), once(download, 'close')]);
  upload.destroy();
  download.destroy();
  await within('both close', closed);
});

const version = await libvirtVersion();
const skip = !isOld(version) && `the daemon of libvirt ${version} dies of it`;
t.test('more than the volume takes fails the stream', { skip }, async (t) => {
  const path = await storage.createVolume(pool, volumeXml('small'));
  const stream = await storage.upload(path, { lengthBytes: 10 });
  await t.rejects(pipeline(Readable.from([Buffer.alloc(sizeBytes)]), stream), LibvirtError);
});

t.test('an abort ends an upload', async (t) => {
  const path = await storage.createVolume(pool, volumeXml('aborted'));
  const controller = new AbortController();
  const stream = await storage.upload(path, { signal: controller.signal });
  const reason = new Error('enough');
  const failed = once(stream, 'error');
  controller.abort(reason);
  t.same(await within('the error', failed), [reason]);
});

t.test('a stream fails that outlives its connection', async (t) => {
  const path = await storage.createVolume(pool, volumeXml('orphan'));
  const other: Connection = await connect(daemon.storageUri);
  const stream = await other.storage.download(path);
  await other.close();
  await t.rejects(contentOf(stream), ClosedError);
});

t.test('volumes and pools come to an end', async (t) => {
  const path = await storage.createVolume(pool, volumeXml('gone'));
  await storage.deleteVolume(path);
  await t.rejects(storage.download(path), withCode('NO_STORAGE_VOL'));
  await t.rejects(storage.deleteVolume(path), withCode('NO_STORAGE_VOL'));
  await t.rejects(storage.createVolume('nowhere', volumeXml('any')), withCode('NO_STORAGE_POOL'));
  await storage.destroyPool(pool);
  await t.rejects(storage.destroyPool(pool), withCode('NO_STORAGE_POOL'));
});

t.test('a driver without volumes says so', async (t) => {
  await using test = await connect(testUri);
  const path = await test.storage.createVolume('default-pool', volumeXml('test'));
  await t.rejects(test.storage.upload(path), withCode('NO_SUPPORT'));
  await t.rejects(test.storage.download(path), withCode('NO_SUPPORT'));
});

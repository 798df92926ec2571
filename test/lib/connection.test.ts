/** The binding over libvirt's test driver, which needs no hypervisor. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { ClosedError, connect, LibvirtError } from '../../lib/index.js';

const uri = 'test:///default';
const binding = new URL('../../lib/index.js', import.meta.url).href;
const run = promisify(execFile);

/** What an error must look like, in the form that tap compares. */
const withCode = (code: string) => ({ name: 'LibvirtError', message: /./, code });

const xml = (name: string) => `
  <domain type='test'>
    <name>${name}</name><memory unit='KiB'>1024</memory><vcpu>1</vcpu>
    <os><type>hvm</type></os>
  </domain>`;

t.test('a connection tells about its host', async (t) => {
  await using connection = await connect(uri);
  t.equal(connection.uri, uri);
  t.match((await connection.version()).libvirt, /^\d+\.\d+\.\d+$/);
  t.not(await connection.hostname(), '');
  t.match(await connection.capabilities(), '<capabilities>');
  await t.rejects(connection.domainCapabilities(), withCode('NO_SUPPORT'));
  t.equal(await connection.isAlive(), true);
});

t.test('a domain lives: define, start, stop, undefine', async (t) => {
  await using connection = await connect(uri);
  const domain = await connection.defineDomain(xml('life'));
  t.match(domain.uuid, /^[0-9a-f-]{36}$/);
  t.equal(await domain.id(), null);
  t.equal((await domain.state()).state, 'shutoff');
  t.equal(await domain.isPersistent(), true);
  await t.rejects(domain.start({ paused: true }), withCode('INVALID_ARG'));
  await domain.start();
  t.equal(typeof (await domain.id()), 'number');
  t.equal((await domain.info()).state, 'running');
  await domain.suspend();
  await domain.destroy();
  await domain.undefine();
  await t.rejects(connection.lookupByName('life'), withCode('NO_DOMAIN'));
});

t.test('domains are found by name, by UUID and in lists', async (t) => {
  await using connection = await connect(uri);
  await connection.defineDomain(xml('off'));
  const [first] = await connection.listDomains({ active: true });
  t.equal(first?.name, 'test');
  t.equal((await connection.lookupByUuid(first?.uuid ?? '')).name, 'test');
  const off = await connection.listDomains({ inactive: true });
  t.same(
    off.map(({ name }) => name),
    ['off'],
  );
  t.equal((await connection.listDomains()).length, 2);
});

t.test('memory is set and reported in KiB', async (t) => {
  await using connection = await connect(uri);
  const domain = await connection.lookupByName('test');
  await domain.setMemory(1_048_576, { live: true });
  t.equal((await domain.info()).memoryKib, 1_048_576);
  t.equal((await domain.memoryStats()).balloonKib, 1_048_576);
  await t.rejects(domain.setMemory(-1), RangeError);
  await t.rejects(domain.setMemory(1.5), RangeError);
});

t.test('errors carry their names and the call', async (t) => {
  await using connection = await connect(uri);
  const error = await connection.lookupByName('nobody').catch((reason: unknown) => reason);
  t.type(error, LibvirtError);
  t.match(error, {
    code: 'NO_DOMAIN',
    domain: 'TEST',
    level: 'ERROR',
    call: 'virDomainLookupByName',
  });
  await t.rejects(connection.createDomain('<no'), withCode('XML_DETAIL'));
  await t.rejects(connect('nothing:///'), LibvirtError);
  await t.rejects(connection.lookupByName('a\0b'), TypeError);
});

t.test('a read-only connection refuses changes', async (t) => {
  await using connection = await connect(uri, { readOnly: true });
  await t.rejects(connection.createDomain(xml('x')), withCode('OPERATION_DENIED'));
});

t.test('events arrive in order, and those of others do not', async (t) => {
  await using connection = await connect(uri);
  const domain = await connection.lookupByName('test');
  const other = await connection.defineDomain(xml('other'));
  const seen: string[] = [];
  const done = new Promise<void>((resolve) => {
    void connection.watch(
      'lifecycle',
      ({ event, domain: { name } }) => {
        seen.push(`${name} ${event}`);
        if (event === 'resumed') resolve();
      },
      { domain },
    );
  });
  await connection.isAlive();
  await other.start();
  await domain.suspend();
  await domain.resume();
  await done;
  t.same(seen, ['test suspended', 'test resumed']);
});

t.test('a full queue drops events and counts them', async (t) => {
  await using connection = await connect(uri);
  const domain = await connection.lookupByName('test');
  const subscription = await connection.watch('lifecycle', () => undefined, { limit: 0 });
  await domain.suspend();
  // The event thread may lag behind the call.
  while (subscription.dropped === 0) await connection.isAlive();
  t.equal(subscription.dropped, 1);
  await subscription.close();
  await subscription.close();
});

t.test('closing cascades, can be repeated and waits for the calls that run', async (t) => {
  const connection = await connect(uri);
  const domain = await connection.lookupByName('test');
  const subscription = await connection.watch('reboot', () => undefined);
  const last = domain.xml();
  await Promise.all([connection.close(), connection.close()]);
  t.match(await last, '<domain');
  await t.rejects(domain.xml(), ClosedError);
  await t.rejects(connection.hostname(), ClosedError);
  await t.resolves(domain.close());
  await t.resolves(subscription.close());
  await t.resolves(connection.close());
});

t.test('an aborted call rejects with the reason', async (t) => {
  await using connection = await connect(uri);
  const reason = new Error('enough');
  await t.rejects(connection.hostname({ signal: AbortSignal.abort(reason) }), reason);
  const domain = await connection.lookupByName('test');
  const controller = new AbortController();
  const calls = Array.from({ length: 200 }, () => domain.xml({ signal: controller.signal }));
  controller.abort(reason);
  const results = await Promise.allSettled(calls);
  t.ok(results.every((result) => result.status === 'rejected' && result.reason === reason));
  t.match(await domain.xml(), '<domain', 'the next call is made');
});

t.test('thousands of handles come and go', async (t) => {
  await using connection = await connect(uri);
  for (let round = 0; round < 20; round += 1) {
    const lookups = Array.from({ length: 250 }, () => connection.lookupByName('test'));
    const domains = await Promise.all(lookups);
    await Promise.all(domains.slice(0, 50).map((domain) => domain.close()));
  }
  t.equal((await connection.listDomains()).length, 1);
});

t.test('a worker thread has a binding of its own', async (t) => {
  const source = `import('${binding}').then(async ({ connect }) => {
    const connection = await connect('${uri}');
    await connection.watch('lifecycle', () => {});
    const { parentPort } = await import('node:worker_threads');
    parentPort.postMessage((await connection.lookupByName('test')).name);
    for (;;) await connection.hostname();
  })`;
  const worker = new Worker(source, { eval: true });
  const name = await new Promise((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  t.equal(name, 'test');
  await worker.terminate();
  await using connection = await connect(uri);
  t.equal(await connection.isAlive(), true);
});

t.test('the process ends although a connection and a subscription are open', async (t) => {
  const source = `
    import { connect } from '${binding}';
    const connection = await connect('${uri}');
    await connection.watch('lifecycle', () => {});
    console.log('end');`;
  const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', source]);
  t.equal(stdout, 'end\n');
  t.equal(stderr, '');
});

t.test('a listener that throws is an uncaught exception, and the next event comes', async (t) => {
  const source = `
    import { connect } from '${binding}';
    process.on('uncaughtException', (error) => console.log(error.message));
    const connection = await connect('${uri}');
    const domain = await connection.lookupByName('test');
    const done = new Promise((resolve) => {
      connection.watch('lifecycle', ({ event }) => {
        if (event === 'resumed') resolve();
        throw new Error(event);
      });
    });
    await connection.isAlive();
    await domain.suspend();
    await domain.resume();
    await done;
    await connection.close();`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', source]);
  t.equal(stdout, 'suspended\nresumed\n');
});

/** A scenario in which libvirt fails at every call in turn, for each of several reasons. */
import t from 'tap';
import { type Connection, connect, type Domain } from '../../lib/index.js';
import { LibvirtDaemon } from '../support/libvirtDaemon.js';
import { SocketProxy } from '../support/socketProxy.js';
import { testUri } from '../support/testDriver.js';
import { within } from '../support/within.js';

interface Step {
  readonly name: string;
  /** What a connection may not do that only reads. */
  readonly writes?: true;
  run(domain: Domain, connection: Connection): Promise<unknown>;
}

const steps: readonly Step[] = [
  { name: 'info', run: (domain) => domain.info() },
  { name: 'xml', run: (domain) => domain.xml() },
  { name: 'memoryStats', run: (domain) => domain.memoryStats() },
  { name: 'scheduler', run: (domain) => domain.tuning.scheduler() },
  { name: 'vcpus', run: (domain) => domain.cpus.list() },
  { name: 'snapshots', run: (domain) => domain.snapshots.list() },
  { name: 'autostart', run: (domain) => domain.autostart() },
  { name: 'title', writes: true, run: (domain) => domain.metadata.set('title', 'T') },
  { name: 'limits', writes: true, run: (domain) => domain.tuning.setMemory({ hardLimitKib: 5 }) },
  { name: 'pin', writes: true, run: (domain) => domain.cpus.pin(0, [0]) },
  { name: 'setMemory', writes: true, run: (domain) => domain.setMemory(1_048_576) },
  {
    name: 'snapshot',
    writes: true,
    run: (domain) => domain.snapshots.create(),
  },
  { name: 'suspend', writes: true, run: (domain) => domain.suspend() },
  { name: 'resume', writes: true, run: (domain) => domain.resume() },
  { name: 'reboot', writes: true, run: (domain) => domain.reboot() },
  { name: 'managed save', writes: true, run: (domain) => domain.saves.managed() },
  { name: 'start', writes: true, run: (domain) => domain.start() },
  { name: 'destroy', writes: true, run: (domain) => domain.destroy() },
];

const isError = { name: 'LibvirtError', message: /./, code: /^[A-Z_]+$/, call: /^vir/ };

t.test('the scenario works', async (t) => {
  await using connection = await connect(testUri);
  const domain = await connection.lookupByName('test');
  for (const step of steps) await t.resolves(step.run(domain, connection), step.name);
});

t.test('the connection is cut before each call', async (t) => {
  const daemon = await LibvirtDaemon.start(t);
  const proxy = await SocketProxy.start(t, daemon.socket);
  for (const step of steps) {
    const connection = await connect(proxy.uri);
    const domain = await connection.lookupByName('test');
    proxy.cut();
    await t.rejects(within(step.name, step.run(domain, connection)), isError, step.name);
    await t.rejects(connection.lookupByName('test'), isError);
    await within('the connection closes', connection.close());
  }
});

t.test('the domain is gone before each call', async (t) => {
  for (const step of steps) {
    await using connection = await connect(testUri);
    const domain = await connection.lookupByName('test');
    const other = await connection.lookupByName('test');
    await other.destroy();
    await other.undefine();
    const gone = { ...isError, code: 'NO_DOMAIN' };
    await t.rejects(step.run(domain, connection), gone, step.name);
  }
});

t.test('a connection that only reads refuses what writes, each call', async (t) => {
  await using connection = await connect(testUri, { readOnly: true });
  const domain = await connection.lookupByName('test');
  for (const step of steps) {
    const denied = { ...isError, code: 'OPERATION_DENIED' };
    if (step.writes) await t.rejects(step.run(domain, connection), denied, step.name);
    else await t.resolves(step.run(domain, connection), step.name);
  }
});

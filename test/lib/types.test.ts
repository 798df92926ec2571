/**
 * The public types of the binding. The compiler checks this file: a type that changes, or a
 * mistake that is no longer found, keeps it from compiling. Nothing here is called but the last
 * line.
 */
import type { Duplex } from 'node:stream';
import t from 'tap';
import type {
  Connection,
  connect,
  Domain,
  DomainEventName,
  DomainEvents,
  DomainInfo,
  EventIterator,
  LibvirtStream,
  QmpMemoryDevice,
  VirtioMem,
} from '../../lib/index.js';

/** `true` for types that are the same, as the compiler compares them; `any` is only itself. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** What an event loop over an iterator sees. */
type Seen<I> = I extends AsyncIterable<infer Event> ? Event : never;

function same<A, B>(_same: Same<A, B>): void {}

async function results(domain: Domain, connection: Connection): Promise<void> {
  same<ReturnType<typeof connect>, Promise<Connection>>(true);
  same<Awaited<ReturnType<Connection['listDomains']>>, Domain[]>(true);
  same<Awaited<ReturnType<Domain['id']>>, number | null>(true);
  same<DomainInfo['cpuTimeNs'], bigint>(true);
  same<Awaited<ReturnType<Domain['memory']['devices']>>, VirtioMem[]>(true);
  same<Awaited<ReturnType<VirtioMem['settled']>>, number>(true);
  same<LibvirtStream extends Duplex ? true : false, true>(true);
  same<Awaited<ReturnType<Domain['consoles']['open']>>, LibvirtStream>(true);
  await using _closed: AsyncDisposable = connection;
  await using _given: AsyncDisposable = domain;
}

async function events(domain: Domain): Promise<void> {
  const resized = domain.events('memory-device-size-change');
  same<typeof resized, EventIterator<DomainEvents['memory-device-size-change']>>(true);
  same<Seen<typeof resized>['sizeKib'], number>(true);
  for await (const { event } of domain.events('lifecycle')) {
    same<typeof event, DomainEvents['lifecycle']['event']>(true);
    // @ts-expect-error no state of the life cycle is called so
    if (event === 'exploded') return;
  }
  same<string extends DomainEventName ? true : false, false>(true);
  // @ts-expect-error there is no such event
  domain.events('no-such-event');
  // @ts-expect-error its field is sizeKib
  for await (const { sizeMib } of resized) return sizeMib;
}

async function monitor(domain: Domain): Promise<void> {
  const devices = await domain.qmp('query-memory-devices');
  same<typeof devices, readonly QmpMemoryDevice[]>(true);
  const other = await domain.qmp('query-chardev');
  same<typeof other, unknown>(true);
  const named = await domain.qmp<{ readonly label: string }[]>('query-chardev');
  same<typeof named, { readonly label: string }[]>(true);
  // @ts-expect-error the value is a number of bytes
  await domain.qmp('balloon', { value: '1' });
}

async function options(domain: Domain, connection: Connection): Promise<void> {
  await domain.setMemory(1024, { live: true, config: undefined });
  // @ts-expect-error flags are booleans
  await domain.setMemory(1024, { live: 1 });
  // @ts-expect-error there is no such flag
  await connection.listDomains({ asleep: true });
  // @ts-expect-error a size is a number
  await domain.memory.set('1024');
  // @ts-expect-error the device cannot be given a size but by setRequested
  (await domain.memory.device('virtiomem0')).requestedKib = 0;
}

t.equal([results, events, monitor, options].length, 4, 'they compile');

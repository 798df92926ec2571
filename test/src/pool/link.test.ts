import { pino } from 'pino';
import t, { type Test } from 'tap';
import type { Connection } from '../../../lib/index.js';
import { Link } from '../../../src/pool/link.js';

const logger = pino({ level: 'silent' });

/** Connections without libvirt, which a test loses. */
class Fake {
  static opened: Fake[] = [];
  isClosed = false;
  lose: () => void = () => {};

  constructor() {
    Fake.opened.push(this);
  }

  get connection(): Connection {
    const watchClose = async (listener: (reason: string) => void) => {
      this.lose = () => listener('eof');
    };
    const close = async () => {
      this.isClosed = true;
    };
    return Object.assign(this, { watchClose, close }) as unknown as Connection;
  }
}

async function openLink(t: Test, refusals = 0) {
  Fake.opened = [];
  const first = new Fake();
  const taken: Connection[] = [];
  let left = refusals;
  const link = await Link.open({
    connection: first.connection,
    reopen: async () => {
      left -= 1;
      if (left >= 0) throw new Error('no daemon listens');
      return new Fake().connection;
    },
    onReopened: async (connection) => {
      taken.push(connection);
    },
    logger,
  });
  t.teardown(() => link.close());
  return { link, first, taken };
}

t.test('a connection that was lost is opened anew, and taken over', async (t) => {
  const { link, first, taken } = await openLink(t, 1);
  await link.ready(0);
  t.equal(link.connection, first as unknown, 'nobody waits while there is one');
  first.lose();
  await link.ready(5_000);
  t.equal(link.connection, Fake.opened[1] as unknown);
  t.same(taken, [link.connection]);
  Fake.opened[1]?.lose();
  await link.ready(5_000);
  t.equal(link.connection, Fake.opened[2] as unknown, 'as often as it is lost');
});

t.test('one that is lost while it is taken over is opened anew too', async (t) => {
  const { link, first, taken } = await openLink(t);
  const push = taken.push.bind(taken);
  taken.push = (connection) => {
    taken.push = push;
    Fake.opened[1]?.lose();
    return push(connection);
  };
  first.lose();
  await link.ready(5_000);
  t.equal(link.connection, Fake.opened[2] as unknown);
});

t.test('waiting for it has a bound', async (t) => {
  const { link, first } = await openLink(t, Number.POSITIVE_INFINITY);
  first.lose();
  await link.ready(10);
  t.equal(link.connection, first as unknown);
});

t.test('closing closes what it opened itself, and gives up the rest', async (t) => {
  const { link, first } = await openLink(t);
  first.lose();
  await link.ready(5_000);
  await link.close();
  t.notOk(first.isClosed, 'its opener closes the first');
  t.ok(Fake.opened[1]?.isClosed);
  Fake.opened[1]?.lose();
  await link.ready(0);
  t.equal(Fake.opened.length, 2);
});

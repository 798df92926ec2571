/** The rack with machines that are none: what it keeps, charges, gives away and ends. */
import { readdir } from 'node:fs/promises';
import { mock } from 'node:test';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import { type Prepare, ShellRack } from '../../../../src/pool/shell/rack.js';
import { endShell, type Shell } from '../../../../src/pool/shell/shell.js';
import type { Template } from '../../../../src/pool/template/template.js';
import { openBootPlace } from '../../../support/bootRules.js';
import { FakeHypervisor } from '../../../support/fakeHypervisor.js';
import { FakeTemplate } from '../../../support/fakeTemplate.js';
import { Gate } from '../../../support/gate.js';

const shellMib = 64;
const retryMs = 5_000;
const hypervisor = new FakeHypervisor(t);
const { dir, rules } = await openBootPlace(t, hypervisor.connection);
const { instancesDir } = rules;
const shellRules = { machine: rules, instancesDir, emptyTaskPath: rules.image.rootPath };
const logger = pino({ level: 'silent' });
let templates = 0;

/** An account of memory that a test looks into. */
class Budget {
  readonly charged = new Map<string, number>();
  room = Number.POSITIVE_INFINITY;

  reserve(id: string, mib: number): boolean {
    if (this.charged.has(id)) throw new Error(`${id} is charged already`);
    if (this.charged.size >= this.room) return false;
    this.charged.set(id, mib);
    return true;
  }

  settle(id: string, mib: number): void {
    if (!this.charged.has(id)) throw new Error(`${id} was never admitted`);
    this.charged.set(id, mib);
  }

  close(id: string): void {
    this.charged.delete(id);
  }
}

/** What prepares shells, where any are prepared. */
let preparing: Prepare | null = null;

interface Bench {
  readonly rack: ShellRack;
  readonly accounts: Budget;
  readonly template: Template;
}

/** A test with a rack of its own, which leaves nothing behind. */
function rackTest(name: string, body: (t: Test, bench: Bench) => Promise<void>): void {
  t.test(name, async (t) => {
    hypervisor.onCreate = () => {};
    hypervisor.onDestroy = () => {};
    const accounts = new Budget();
    const onStray = () => t.fail('every machine can be ended');
    const prepare: Prepare = async (shell, order) => preparing?.(shell, order) ?? shell;
    const shared = { rules: shellRules, accounts, shellMib, logger, onStray };
    preparing = null;
    const rack = new ShellRack({ ...shared, prepare });
    await body(t, { rack, accounts, template: await newTemplate() });
    await rack.close();
    t.same([hypervisor.running, await readdir(instancesDir)], [[], []], 'nothing is left');
    t.equal(accounts.charged.size, 0, 'nothing is charged');
  });
}

async function newTemplate() {
  templates += 1;
  return (await FakeTemplate.create(dir, `template-${templates}`)).template;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(2);
}

/** As much as happens without anybody's doing. */
const settled = () => delay(50);

rackTest(
  'so many are kept as are wanted, one started after the other',
  async (t, { rack, accounts, template }) => {
    let starting = 0;
    hypervisor.onCreate = async () => {
      starting += 1;
      t.equal(starting, 1, 'one at a time');
      await delay(5);
      starting -= 1;
    };
    rack.keep(template, 3);
    rack.fill();
    await until(() => rack.countOf(template) === 3);
    await settled();
    t.equal(hypervisor.running.length, 3);
    t.same([...accounts.charged.values()], [shellMib, shellMib, shellMib]);
    const [machine] = hypervisor.machines.slice(-1);
    t.equal(machine?.isPaused, true, 'it waits for a state');
    t.match(machine?.xml, /value="-incoming".*value="defer"/);
    t.match(machine?.xml, /BALLAST_RAM_PATH.*\/proc\/1\/fd\/3/);
    rack.keep(template, 1);
    t.equal(rack.countOf(template), 1);
    t.equal(rack.endingMib, 2 * shellMib, 'what is more is being ended');
    await until(() => hypervisor.running.length === 1);
    await settled();
    t.equal(rack.endingMib, 0);
    t.equal(accounts.charged.size, 1);
  },
);

rackTest(
  'one that is taken is the taker’s, and another comes',
  async (t, { rack, accounts, template }) => {
    rack.keep(template, 1);
    await until(() => rack.countOf(template) === 1);
    const shell = await rack.take(template);
    t.notOk(accounts.charged.has(shell.shellId), 'charged to whoever took it');
    t.equal(rack.countOf(template), 0);
    await until(() => rack.countOf(template) === 1);
    await rack.close();
    t.same(hypervisor.running, [`ballast-${shell.shellId}`], 'and ended by nobody else');
    await endShell(shell, () => {});
  },
);

rackTest(
  'without a ready one, one is started, and charged to nobody here',
  async (t, { rack, accounts, template }) => {
    const shell = await rack.take(template);
    t.equal(accounts.charged.size, 0);
    t.equal(hypervisor.running.length, 1);
    await endShell(shell, () => {});
  },
);

rackTest(
  'where the budget has no room, none is kept until it has',
  async (t, { rack, accounts, template }) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    accounts.room = 1;
    rack.keep(template, 2);
    await untilTurns(() => rack.countOf(template) === 1);
    await turns();
    t.equal(hypervisor.running.length, 1);
    accounts.room = 2;
    mock.timers.tick(retryMs);
    await untilTurns(() => rack.countOf(template) === 2);
    t.pass('it was tried again');
  },
);

rackTest(
  'room for others is made of ready ones, and taken back later',
  async (t, { rack, template }) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    t.teardown(() => mock.timers.reset());
    const other = await newTemplate();
    rack.keep(template, 2);
    rack.keep(other, 1);
    await untilTurns(() => rack.countOf(template) === 2 && rack.countOf(other) === 1);
    rack.yieldMib(shellMib + 1);
    t.equal(rack.countOf(template) + rack.countOf(other), 1, 'as many as it takes');
    t.equal(rack.endingMib, 2 * shellMib);
    rack.yieldMib(10 * shellMib);
    t.equal(rack.countOf(template) + rack.countOf(other), 0);
    await untilTurns(() => hypervisor.running.length === 0);
    mock.timers.tick(retryMs);
    await untilTurns(() => rack.countOf(template) === 2 && rack.countOf(other) === 1);
    t.pass('the shells are back');
  },
);

rackTest(
  'one that cannot be started is tried again later, others meanwhile',
  async (t, { rack, accounts, template }) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const now = mock.method(performance, 'now');
    t.teardown(() => {
      mock.timers.reset();
      now.mock.restore();
    });
    const other = await newTemplate();
    let tries = 0;
    hypervisor.onCreate = () => {
      tries += 1;
      if (tries === 1) throw new Error('no more processes');
    };
    rack.keep(template, 1);
    rack.keep(other, 1);
    await untilTurns(() => rack.countOf(other) === 1);
    await turns();
    t.equal(tries, 2, 'it was not tried at once');
    t.equal(rack.countOf(template), 0);
    t.equal(accounts.charged.size, 1, 'and costs nothing');
    const laterMs = performance.now() + retryMs;
    now.mock.mockImplementation(() => laterMs);
    mock.timers.tick(retryMs);
    await untilTurns(() => rack.countOf(template) === 1);
    t.equal(tries, 3);
  },
);

rackTest('a template of no more use has no more shells', async (t, { rack, template }) => {
  rack.keep(template, 1);
  await until(() => rack.countOf(template) === 1);
  rack.drop(template);
  t.equal(rack.countOf(template), 0);
  await until(() => hypervisor.running.length === 0);
  const gate = new Gate();
  hypervisor.onCreate = () => gate.wait();
  rack.keep(template, 2);
  await gate.arrival();
  rack.drop(template);
  gate.open();
  await until(() => hypervisor.running.length === 0 && rack.endingMib === 0);
  t.equal(rack.countOf(template), 0, 'nor one that was being started');
});

rackTest('closing waits for what starts and for what ends', async (t, { rack, template }) => {
  rack.keep(template, 1);
  await until(() => rack.countOf(template) === 1);
  const [starting, ending] = [new Gate(), new Gate()];
  hypervisor.onCreate = () => starting.wait();
  hypervisor.onDestroy = () => ending.wait();
  rack.keep(template, 3);
  await starting.arrival();
  let isClosed = false;
  const closing = rack.close().then(() => {
    isClosed = true;
  });
  starting.open();
  await ending.arrival();
  await settled();
  t.equal(isClosed, false);
  ending.open();
  await closing;
  t.same(hypervisor.running, []);
  rack.keep(template, 1);
  await settled();
  t.same(hypervisor.running, [], 'nothing is started any more');
});

/** While timers stand still: the machines need the event loop to turn. */
async function untilTurns(condition: () => boolean): Promise<void> {
  while (!condition()) await nextTurn();
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 1000; turn += 1) await nextTurn();
}

rackTest('after libvirt was lost, what ended meanwhile is replaced', async (t, bench) => {
  const { rack, accounts, template } = bench;
  rack.keep(template, 2);
  await until(() => rack.countOf(template) === 2);
  const before = hypervisor.machines.slice(-2);
  // Each in its turn: the first has ended, the second runs on.
  const found = [null, before[1]?.domain.domain ?? null];
  for (const machine of before.slice(0, 1)) machine.isRunning = false;
  await rack.rebind(async () => found.shift() ?? null);
  await until(() => rack.countOf(template) === 2);
  t.equal(hypervisor.running.length, 2, 'one runs on, and one is new');
  // What ended is let go of in the background.
  await until(() => accounts.charged.size <= 2);
  t.equal(accounts.charged.size, 2);
});

rackTest('one that is kept is prepared first', async (t, { rack, template }) => {
  const prepared: string[] = [];
  preparing = async (shell) => {
    await delay(5);
    prepared.push(shell.shellId);
    return { ...shell, channelPath: 'prepared' };
  };
  rack.keep(template, 2);
  await until(() => rack.countOf(template) === 2);
  const shell = await rack.take(template);
  t.same([shell.shellId, shell.channelPath], [prepared[0], 'prepared']);
  await endShell(shell, () => {});
});

rackTest('one that nobody waits for is not prepared', async (t, { rack, template }) => {
  preparing = async () => t.fail('it is needed at once') as never;
  await endShell(await rack.take(template), () => {});
});

rackTest(
  'one that cannot be prepared is ended, and tried again later',
  async (t, { rack, accounts, template }) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const now = mock.method(performance, 'now');
    t.teardown(() => {
      mock.timers.reset();
      now.mock.restore();
    });
    preparing = async () => {
      throw new Error('the guest panicked');
    };
    rack.keep(template, 1);
    await untilTurns(() => hypervisor.machines.length > 0 && accounts.charged.size === 0);
    await untilTurns(() => hypervisor.running.length === 0);
    t.equal(rack.countOf(template), 0);
    preparing = null;
    const laterMs = performance.now() + retryMs;
    now.mock.mockImplementation(() => laterMs);
    mock.timers.tick(retryMs);
    await untilTurns(() => rack.countOf(template) === 1);
    t.pass('it was tried again');
  },
);

rackTest('one whose guest ends is replaced', async (t, { rack, accounts, template }) => {
  const lost = new Map<string, () => void>();
  preparing = async (shell, { onLost }) => {
    lost.set(shell.shellId, onLost);
    return shell;
  };
  rack.keep(template, 1);
  await until(() => rack.countOf(template) === 1);
  const [gone] = [...lost.keys()];
  lost.get(gone ?? '')?.();
  t.equal(rack.countOf(template), 0, 'nobody gets it');
  await until(() => rack.countOf(template) === 1);
  await until(() => accounts.charged.size === 1);
  lost.get(gone ?? '')?.();
  t.equal(rack.countOf(template), 1, 'it is gone once');
});

rackTest('who closes does not wait for what is being prepared', async (t, { rack, template }) => {
  let given: Shell | null = null;
  preparing = (shell, { signal }) => {
    given = shell;
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
  };
  rack.keep(template, 1);
  await until(() => given !== null);
  await rack.close();
  t.pass('it was given up');
});

/** Boots that fail, in real VMs whose kernel is a few instructions long. */
import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { BallastError } from '../../../src/model/errors.js';
import { type BootOrder, type BootRules, bootInstance } from '../../../src/pool/boot.js';
import { bareKernel } from '../../support/bareKernel.js';
import { openBootPlace } from '../../support/bootRules.js';
import { openEmbed } from '../../support/embed.js';

t.setTimeout(3 * 60_000);
const connection = await openEmbed(t);
const { rules, fn, put } = await openBootPlace(t, connection);

const order = (changes: Partial<BootOrder> = {}): BootOrder => ({
  instanceId: 'i-1',
  fn,
  requestedMib: 128,
  handlers: {},
  onStray: () => t.fail('every VM can be ended'),
  signal: new AbortController().signal,
  ...changes,
});

/** The rules with another kernel. */
const withKernel = (kernelPath: string): BootRules => ({
  ...rules,
  image: { ...rules.image, kernelPath },
});

async function isNothingLeft(t: Test): Promise<void> {
  t.same(await connection.listDomains(), []);
  t.same(await readdir(rules.instancesDir), []);
}

t.test('a guest that never says hello is ended, and its console quoted as text', async (t) => {
  const silent = withKernel(await put('silent', bareKernel('\x1b[31mcannot\r\ngo on\x07\r\n')));
  let error: unknown;
  // On a busy host, the guest needs longer to come to its words.
  for (const bootTimeoutMs of [2_000, 8_000, 32_000]) {
    error = await bootInstance({ ...silent, bootTimeoutMs }, order()).catch((caught) => caught);
    await isNothingLeft(t);
    if (String(error).includes('go on')) break;
  }
  t.match(error, {
    code: 'INSTANCE_START_FAILED',
    message:
      /No instance of hello .*did not say hello in time.* console ends: (.*\n)?cannot\ngo on$/,
    cause: { code: 'GUEST_TIMEOUT' },
  });
});

t.test('a guest that resets itself, as after a panic, is not waited for', async (t) => {
  const kernelPath = await put('panics', bareKernel('panic', 'reset'));
  await t.rejects(bootInstance(withKernel(kernelPath), order()), {
    code: 'INSTANCE_START_FAILED',
    message: /No instance of hello .*the channel to the guest was closed/,
    cause: { code: 'INSTANCE_LOST' },
  });
  await isNothingLeft(t);
});

t.test('a boot that is given up throws the reason', async (t) => {
  const kernelPath = await put('slow', bareKernel('wait for me'));
  const closing = new AbortController();
  const booting = bootInstance(withKernel(kernelPath), order({ signal: closing.signal }));
  const caught = booting.catch((error: unknown) => error);
  while ((await connection.listDomains()).length === 0) await delay(20);
  const reason = new BallastError('SHUTTING_DOWN', 'The service is stopping.');
  closing.abort(reason);
  t.equal(await caught, reason);
  await isNothingLeft(t);
});

t.test('what libvirt or the disk refuses has no console to quote', async (t) => {
  const failures: readonly (readonly [BootRules, BootOrder, RegExp])[] = [
    [withKernel('/nowhere/vmlinuz'), order(), /\/nowhere\/vmlinuz/],
    [{ ...rules, blankScratchPath: '/nowhere/blank' }, order(), /scratch disk/],
    [{ ...rules, instancesDir: '/nowhere' }, order(), /\/nowhere/],
  ];
  for (const [bad, wish, message] of failures) {
    const error = await bootInstance(bad, wish).catch((caught: unknown) => caught);
    t.match(error, { code: 'INSTANCE_START_FAILED', message });
    t.notMatch(error, { message: /console/ });
    await isNothingLeft(t);
  }
});

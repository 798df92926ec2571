import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import t, { type Test } from 'tap';
import { readConfig, readConfigFacts } from '../../src/config.js';
import { BallastError } from '../../src/model/errors.js';

const facts = { isRoot: true, home: '/home/vagrant', availableMib: 4001 };
const user = { ...facts, isRoot: false };

/** Expects one line that names the variable, the value as it is shown, and what is allowed. */
function refuses(t: Test, name: string, value: string, allowed: RegExp, shown = value): void {
  let error: unknown;
  try {
    readConfig({ [name]: value }, facts);
  } catch (caught) {
    error = caught;
  }
  if (!(error instanceof BallastError)) {
    t.fail(`${name}=${value} was taken`);
    return;
  }
  t.equal(error.code, 'BAD_CONFIGURATION');
  t.ok(error.message.startsWith(`${name}=${shown} is not allowed: `), error.message);
  t.match(error.message, allowed);
  t.notMatch(error.message, /\n/);
}

t.test('the documents tell of every variable', async (t) => {
  const told = readFileSync('docs/operations.md', 'utf8');
  const read = readFileSync('src/config.ts', 'utf8').matchAll(/env\.(BALLAST_\w+)/g);
  const names = new Set([...read].map(([, name = '']) => name));
  t.ok(names.size > 5, `${[...names]}`);
  for (const name of names) t.ok(told.includes(`| \`${name}\` |`), name);
});

t.test('without any variable the defaults of the contract hold', async (t) => {
  t.same(readConfig({}, facts), {
    listen: { kind: 'tcp', host: '127.0.0.1', port: 9100 },
    stateDir: '/var/lib/ballast',
    libvirtUri: 'qemu:///embed?root=/var/lib/ballast/libvirt',
    accelerator: 'auto',
    mechanism: 'auto',
    start: 'auto',
    maxShells: 8,
    maxMemoryMib: null,
    keepAlive: { kind: 'hybrid' },
    logLevel: 'info',
    budgetMib: 3000,
  });
});

t.test('BALLAST_LISTEN', async (t) => {
  const good: [string, object][] = [
    ['127.0.0.1:0', { kind: 'tcp', host: '127.0.0.1', port: 0 }],
    ['127.1.2.3:65535', { kind: 'tcp', host: '127.1.2.3', port: 65_535 }],
    ['localhost:80', { kind: 'tcp', host: 'localhost', port: 80 }],
    ['[::1]:9100', { kind: 'tcp', host: '::1', port: 9100 }],
    ['::1:9100', { kind: 'tcp', host: '::1', port: 9100 }],
    ['unix:/run/ballast.sock', { kind: 'unix', path: '/run/ballast.sock' }],
    [`unix:/${'x'.repeat(106)}`, { kind: 'unix', path: `/${'x'.repeat(106)}` }],
  ];
  for (const [value, listen] of good) {
    t.same(readConfig({ BALLAST_LISTEN: value }, facts).listen, listen, value);
  }
  const form = /host:port \(port 0 to 65535\) on loopback, or unix:\/absolute\/path/;
  for (const value of ['', '9100', ':9100', '127.0.0.1', '127.0.0.1:', '127.0.0.1:65536']) {
    refuses(t, 'BALLAST_LISTEN', value, form);
  }
  for (const value of ['127.0.0.1:-1', '127.0.0.1:http', '127.0.0.1:999999', 'unix:', 'unix:a']) {
    refuses(t, 'BALLAST_LISTEN', value, form);
  }
  refuses(t, 'BALLAST_LISTEN', `unix:/${'x'.repeat(107)}`, /at most 107 bytes/);
  const open = ['0.0.0.0:9100', '[::]:9100', '192.168.0.1:9100', 'example.org:9100'];
  for (const value of [...open, '127.0.0.256:9100', '127.example.org:80', 'unix:a:80']) {
    refuses(t, 'BALLAST_LISTEN', value, /on loopback.*without access keys/);
  }
});

t.test('BALLAST_STATE_DIR', async (t) => {
  const { stateDir, libvirtUri } = readConfig({ BALLAST_STATE_DIR: '/srv/a b&c%' }, facts);
  t.equal(stateDir, '/srv/a b&c%');
  t.equal(libvirtUri, 'qemu:///embed?root=/srv/a%20b%26c%25/libvirt');
  for (const value of ['', 'state', './state', '~/state']) {
    refuses(t, 'BALLAST_STATE_DIR', value, /an absolute path/);
  }
  refuses(t, 'BALLAST_STATE_DIR', '/a\nb\u0007', /without control characters/, '/a\\nb\\u0007');
});

t.test('XDG_STATE_HOME is for ordinary users, and only where it is absolute', async (t) => {
  const xdg = { XDG_STATE_HOME: '/xdg' };
  t.equal(readConfig(xdg, facts).stateDir, '/var/lib/ballast');
  t.equal(readConfig(xdg, user).stateDir, '/xdg/ballast');
  const fallback = '/home/vagrant/.local/state/ballast';
  t.equal(readConfig({}, user).stateDir, fallback);
  t.equal(readConfig({ XDG_STATE_HOME: '' }, user).stateDir, fallback);
  t.equal(readConfig({ XDG_STATE_HOME: 'relative' }, user).stateDir, fallback);
  t.equal(readConfig({ ...xdg, BALLAST_STATE_DIR: '/srv' }, user).stateDir, '/srv');
});

t.test('BALLAST_LIBVIRT_URI', async (t) => {
  const good = [
    'qemu:///system',
    'qemu:///session',
    'qemu+unix:///system',
    'qemu:///embed?root=/r',
  ];
  for (const value of good) {
    t.equal(readConfig({ BALLAST_LIBVIRT_URI: value }, facts).libvirtUri, value);
  }
  for (const value of ['', 'system', 'test:///default', 'xen:///system', 'qemu:system']) {
    refuses(t, 'BALLAST_LIBVIRT_URI', value, /a URI of the QEMU driver, such as qemu:\/\/\/embed/);
  }
  const rootless = ['qemu:///embed', 'qemu:///embed?root=', 'qemu:///embed?root=relative'];
  for (const value of [...rootless, 'qemu:///embed?root=/%zz']) {
    refuses(t, 'BALLAST_LIBVIRT_URI', value, /qemu:\/\/\/embed\?root=\/absolute\/path/);
  }
});

t.test('BALLAST_MECHANISM', async (t) => {
  for (const value of ['auto', 'virtio-mem', 'balloon', 'process']) {
    t.equal(readConfig({ BALLAST_MECHANISM: value }, facts).mechanism, value);
  }
  for (const value of ['', 'none', 'Balloon']) {
    refuses(t, 'BALLAST_MECHANISM', value, /auto, virtio-mem, balloon, process/);
  }
});

t.test('BALLAST_KEEPALIVE', async (t) => {
  t.same(readConfig({}, facts).keepAlive, { kind: 'hybrid' });
  t.same(readConfig({ BALLAST_KEEPALIVE: 'greedy-dual' }, facts).keepAlive, {
    kind: 'greedy-dual',
  });
  t.same(readConfig({ BALLAST_KEEPALIVE: 'fixed:90' }, facts).keepAlive, {
    kind: 'fixed',
    keepMs: 90_000,
  });
  for (const value of ['', 'lru', 'fixed', 'fixed:0', 'fixed:604801', 'FIXED:1']) {
    refuses(t, 'BALLAST_KEEPALIVE', value, /hybrid, greedy-dual, fixed:SECONDS .*, or none/);
  }
});

t.test('BALLAST_START', async (t) => {
  for (const value of ['auto', 'clone', 'restore', 'boot']) {
    t.equal(readConfig({ BALLAST_START: value }, facts).start, value);
  }
  for (const value of ['', 'warm', 'Clone', 'clone,boot']) {
    refuses(t, 'BALLAST_START', value, /auto, clone, restore, boot/);
  }
});

t.test('BALLAST_MAX_SHELLS', async (t) => {
  t.equal(readConfig({}, facts).maxShells, 8);
  t.equal(readConfig({ BALLAST_MAX_SHELLS: '0' }, facts).maxShells, 0);
  t.equal(readConfig({ BALLAST_MAX_SHELLS: '999' }, facts).maxShells, 999);
  for (const value of ['-1', '1000', '1.5', 'none', '']) {
    refuses(t, 'BALLAST_MAX_SHELLS', value, /a whole number from 0 to 999/);
  }
});

t.test('BALLAST_MAX_MEMORY_MIB', async (t) => {
  t.equal(readConfig({ BALLAST_MAX_MEMORY_MIB: '128' }, facts).maxMemoryMib, 128);
  t.equal(readConfig({ BALLAST_MAX_MEMORY_MIB: '10240' }, facts).maxMemoryMib, 10_240);
  for (const value of ['', '0', '127', '10241', '-128', '1e3', '512M']) {
    refuses(t, 'BALLAST_MAX_MEMORY_MIB', value, /whole MiB from 128 to 10240/);
  }
});

t.test('BALLAST_ACCEL', async (t) => {
  for (const value of ['auto', 'kvm', 'tcg']) {
    t.equal(readConfig({ BALLAST_ACCEL: value }, facts).accelerator, value);
  }
  for (const value of ['', 'KVM', 'hvf', 'tcg ']) {
    refuses(t, 'BALLAST_ACCEL', value, /auto, kvm or tcg/);
  }
});

t.test('BALLAST_MEMORY_MIB', async (t) => {
  for (const value of ['512', '65536', '999999999']) {
    t.equal(readConfig({ BALLAST_MEMORY_MIB: value }, facts).budgetMib, Number(value));
  }
  const bad = [
    '',
    '0',
    '511',
    '-1',
    '1.5',
    '1e4',
    '0x400',
    'abc',
    ' 1024',
    '1024MiB',
    '1'.repeat(10),
  ];
  for (const value of bad) {
    refuses(t, 'BALLAST_MEMORY_MIB', value, /whole MiB, at least 512/);
  }
});

t.test('a host too small for the default budget is told so', async (t) => {
  const small = { ...facts, availableMib: 600 };
  t.throws(() => readConfig({}, small), {
    code: 'HOST_UNUSABLE',
    message: /600 MiB of memory available.*512 MiB.*BALLAST_MEMORY_MIB/,
  });
  t.equal(readConfig({ BALLAST_MEMORY_MIB: '512' }, small).budgetMib, 512);
});

t.test('BALLAST_TOKENS is refused rather than ignored', async (t) => {
  refuses(t, 'BALLAST_TOKENS', '/etc/ballast/tokens', /access keys are not supported yet/);
});

t.test('the facts are those of this process and host', async (t) => {
  const { isRoot, home, availableMib } = readConfigFacts();
  t.equal(isRoot, process.getuid?.() === 0);
  t.match(home, /^\//);
  t.ok(Number.isInteger(availableMib) && availableMib > 0);
  // What is available changes meanwhile, but not to another order of magnitude.
  t.ok(availableMib > freemem() / 2 ** 20 / 10 && availableMib < (freemem() / 2 ** 20) * 10);
});

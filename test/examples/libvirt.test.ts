/** The examples of the libvirt binding: each does what it says, and the docs quote it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { connect } from '../../lib/index.js';
import { LibvirtDaemon } from '../support/libvirtDaemon.js';
import { createLinuxGuest, imageIsBuilt } from '../support/linuxGuest.js';
import { plainNode } from '../support/plainNode.js';
import { within } from '../support/within.js';
import { root } from '../tidy/files.js';

const directory = join(root, 'examples/libvirt');
const pathOf = (example: string): string => join(directory, example);

/** An example as a process, with the lines that it prints. */
class Running {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown[]>;
  #text = '';

  constructor(t: Test, example: string, ...args: string[]) {
    const [command, ...first] = plainNode;
    this.#process = spawn(command, [...first, pathOf(example), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#process.stdout?.on('data', (data: Buffer) => {
      this.#text += data.toString();
    });
    this.#exited = once(this.#process, 'close');
    t.teardown(() => this.#process.kill('SIGKILL'));
  }

  /** Waits until it has printed this. */
  async prints(text: string): Promise<void> {
    const { stdout } = this.#process;
    if (stdout === null) throw new Error('its output is not piped');
    while (!this.#text.includes(text)) await within(`"${text}"`, once(stdout, 'data'));
  }

  /** As Ctrl-C does. */
  interrupt(): void {
    this.#process.kill('SIGINT');
  }

  async end(): Promise<{ status: unknown; lines: string[] }> {
    const [status] = await within('the example ends', this.#exited);
    return { status, lines: this.#text.trimEnd().split('\n') };
  }
}

/** Runs an example in this process, since the embedded driver and its domains belong to it. */
async function runHere(t: Test, example: string, ...args: string[]): Promise<string[]> {
  const printed = t.capture(console, 'log');
  const { argv } = process;
  process.argv = [process.execPath, pathOf(example), ...args];
  try {
    const url = pathToFileURL(pathOf(example));
    // A module runs once for each URL.
    url.search = args.join('&');
    await import(url.href);
  } finally {
    process.argv = argv;
    printed.restore();
  }
  return printed().map(({ args: [line] }) => String(line));
}

t.setTimeout(180_000);

t.test('domains are listed', async (t) => {
  const { status, lines } = await new Running(t, 'list-domains.mjs').end();
  t.equal(status, 0);
  t.match(lines, [/^test: running, \d+ MiB, 2 vCPUs$/]);
});

t.test('events are watched until Ctrl-C', async (t) => {
  const daemon = await LibvirtDaemon.start(t);
  await using connection = await connect(daemon.uri);
  const domain = await connection.lookupByName('test');
  const watching = new Running(t, 'watch-events.mjs', daemon.uri);
  await watching.prints('watching');
  await domain.suspend();
  await domain.resume();
  await watching.prints('resumed');
  watching.interrupt();
  const { status, lines } = await watching.end();
  t.equal(status, 0);
  t.same(lines.slice(1), ['test: suspended', 'test: resumed', '0 events were dropped']);
});

t.test(
  'a guest is resized, and its monitor answers',
  { skip: imageIsBuilt() ? false : 'the guest image is not built: run `make image`' },
  async (t) => {
    const { connection, domain } = await createLinuxGuest(t, 'ballast-examples');
    const args = [connection.uri, domain.name];
    await domain.resume();
    t.same(await runHere(t, 'resize-memory.mjs', ...args, '256'), [
      'virtiomem0 has 256 of 512 MiB plugged',
    ]);
    const lines = await runHere(t, 'talk-qmp.mjs', ...args);
    t.match(lines, [
      /^QEMU \d+\.\d+\.\d+$/,
      'virtio-mem virtiomem0: 268435456 bytes',
      /^qom-get: GenericError, .*colour/,
    ]);
  },
);

t.test('docs/libvirt.md quotes every example as it is', async (t) => {
  const page = readFileSync(join(root, 'docs/libvirt.md'), 'utf8');
  for (const example of readdirSync(directory)) {
    const code = readFileSync(pathOf(example), 'utf8');
    t.ok(page.includes(`\`\`\`js\n${code}\`\`\`\n`), example);
  }
});

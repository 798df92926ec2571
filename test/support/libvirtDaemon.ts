import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathWithSbin } from './pathWithSbin.js';
import { testDirectoryPrefix } from './testDirectory.js';
import { within } from './within.js';

interface Test {
  teardown(handler: () => Promise<void>): unknown;
}

const storageDriver =
  '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_storage.so';
/** A user without rights: a daemon of root's would take the storage of the host for its own. */
const nobody = 65_534;

/**
 * A libvirt daemon of the test's own, a remote end that can be lost. It runs as an ordinary user,
 * and has libvirt's test driver and its driver for storage.
 */
export class LibvirtDaemon {
  /** libvirt's test driver. */
  readonly uri: string;
  readonly storageUri: string;
  readonly socket: string;
  /** Its own, where it may write. */
  readonly directory: string;
  readonly #process: ChildProcess;

  static async start(t: Test): Promise<LibvirtDaemon> {
    const directory = await mkdtemp(testDirectoryPrefix);
    const daemon = new LibvirtDaemon(directory, await launch(directory));
    t.teardown(() => daemon.end());
    await within('the daemon listens', awaitFile(daemon.socket));
    return daemon;
  }

  private constructor(directory: string, process: ChildProcess) {
    this.directory = directory;
    this.#process = process;
    this.socket = join(directory, 'libvirt-sock');
    const socket = encodeURIComponent(this.socket);
    this.uri = `test+unix:///default?socket=${socket}`;
    this.storageUri = `storage+unix:///session?socket=${socket}`;
  }

  /** Lets every connection down at once. */
  async kill(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await exited;
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function launch(directory: string): Promise<ChildProcess> {
  const settings = [
    `unix_sock_dir = "${directory}"`,
    'unix_sock_rw_perms = "0700"',
    'auth_unix_rw = "none"',
    'auth_unix_ro = "none"',
  ];
  const file = join(directory, 'libvirtd.conf');
  await writeFile(file, `${settings.join('\n')}\n`);
  const pidFile = join(directory, 'pid');
  const asNobody = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
  if (process.getuid?.() === 0) await chown(directory, nobody, nobody);
  return spawn('libvirtd', ['--config', file, '--pid-file', pidFile], {
    ...asNobody,
    stdio: 'ignore',
    env: await environmentIn(directory),
  });
}

async function environmentIn(directory: string): Promise<NodeJS.ProcessEnv> {
  // The usual directory has drivers that would look after the host's networks and machines.
  const drivers = join(directory, 'drivers');
  await mkdir(drivers);
  await symlink(storageDriver, join(drivers, basename(storageDriver)));
  const home = {
    HOME: directory,
    XDG_CACHE_HOME: directory,
    XDG_CONFIG_HOME: directory,
    XDG_RUNTIME_DIR: directory,
  };
  // A sanitizer is for this process alone, and so is the log of what it calls.
  const { LIBVIRT_LOG_FILTERS, LIBVIRT_LOG_OUTPUTS, LD_PRELOAD, ...inherited } = process.env;
  return { ...inherited, ...home, PATH: pathWithSbin, LIBVIRT_DRIVER_DIR: drivers };
}

async function awaitFile(path: string): Promise<void> {
  while (!existsSync(path)) await delay(20);
}

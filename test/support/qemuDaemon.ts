import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathWithSbin } from './pathWithSbin.js';
import { testDirectoryPrefix } from './testDirectory.js';
import { within } from './within.js';

const driver = '/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so';

/** Where a daemon of root's keeps what it has: nothing of the host's is seen there, or touched. */
const ownDirectories = [
  '/run/libvirt',
  '/var/lib/libvirt',
  '/var/cache/libvirt',
  '/var/log/libvirt',
  '/etc/libvirt',
];

/** The user that its QEMUs run as; without namespaces and cgroups, which containers lack. */
const qemuSettings = ['stdio_handler = "file"', 'namespaces = []', 'cgroup_controllers = []'];

/**
 * A libvirt daemon of the test's own that runs real VMs, in mount namespaces of its own. Only root
 * can have one. It can be killed and started again; its VMs outlive it.
 */
export class QemuDaemon {
  readonly uri: string;
  readonly #directory: string;
  #process: ChildProcess | null = null;

  static readonly skip: string | false =
    process.getuid?.() === 0 ? false : 'only root can mount directories for a daemon of its own';

  static async start(): Promise<QemuDaemon> {
    const directory = await mkdtemp(testDirectoryPrefix);
    await chmod(directory, 0o711);
    const daemon = new QemuDaemon(directory);
    await daemon.#prepare();
    await daemon.restart();
    return daemon;
  }

  private constructor(directory: string) {
    this.#directory = directory;
    this.uri = `qemu+unix:///system?socket=${encodeURIComponent(join(directory, 'libvirt-sock'))}`;
  }

  async kill(): Promise<void> {
    const running = this.#process;
    this.#process = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, 'exit');
    running.kill('SIGKILL');
    await exited;
    await rm(join(this.#directory, 'libvirt-sock'), { force: true });
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** The same daemon again: it finds the VMs that it had. */
  async restart(): Promise<void> {
    await this.kill();
    const script = join(this.#directory, 'run');
    this.#process = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', script], {
      stdio: 'ignore',
      env: {
        ...process.env,
        PATH: pathWithSbin,
        LIBVIRT_DRIVER_DIR: join(this.#directory, 'drivers'),
        LD_PRELOAD: '',
      },
    });
    await within('the daemon listens', awaitFile(join(this.#directory, 'libvirt-sock')));
  }

  async #prepare(): Promise<void> {
    const at = (name: string) => join(this.#directory, name);
    await mkdir(at('drivers'));
    await symlink(driver, at('drivers/libvirt_driver_qemu.so'));
    const settings = [
      `unix_sock_dir = "${this.#directory}"`,
      'auth_unix_rw = "none"',
      'auth_unix_ro = "none"',
    ];
    await writeFile(at('libvirtd.conf'), `${settings.join('\n')}\n`);
    await mkdir(at('own'), { mode: 0o711 });
    const mounts = ownDirectories.map((path) => {
      const own = at(`own${path.replaceAll('/', '-')}`);
      return `mkdir -p ${path} ${own} && mount --bind ${own} ${path}`;
    });
    await writeFile(
      at('run'),
      [
        'set -e',
        ...mounts,
        `printf '%s\\n' ${quoted(qemuSettings)} >/etc/libvirt/qemu.conf`,
        `exec libvirtd --config ${at('libvirtd.conf')} --pid-file ${at('pid')}`,
      ].join('\n'),
    );
  }
}

async function awaitFile(path: string): Promise<void> {
  while (!existsSync(path)) await delay(20);
}

function quoted(lines: readonly string[]): string {
  return lines.map((line) => `'${line}'`).join(' ');
}

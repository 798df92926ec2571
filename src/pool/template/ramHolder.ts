/**
 * A sealed copy of a template's memory, which clones map. It lives in a process of QEMU's user,
 * since only processes of the same user may open it, and as long as that process does.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

const openMs = 60_000;
/** As `ballast-ram` prints it. */
const pathPattern = /^\/proc\/[1-9]\d*\/fd\/\d+$/;

export interface QemuIds {
  readonly uid: number;
  readonly gid: number;
}

export class RamHolder {
  /** Where QEMU finds the copy. */
  readonly path: string;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, path: string) {
    this.#process = process;
    this.path = path;
  }

  /** False once its process has ended: VMs that have mapped the copy keep it, new ones cannot. */
  get isAlive(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /**
   * Copies the file and seals the copy.
   * @param ids Of QEMU's user; null where that is this process's own.
   */
  static async open(program: string, file: string, ids: QemuIds | null): Promise<RamHolder> {
    const child = spawn(program, [file], { ...ids, stdio: ['pipe', 'pipe', 'pipe'], env: {} });
    const timer = setTimeout(() => child.kill('SIGKILL'), openMs);
    try {
      const path = await firstLine(child);
      // A service that ends does not wait for it: the end of its standard input ends it.
      for (const stream of [child.stdin, child.stdout, child.stderr]) unref(stream);
      child.unref();
      return new RamHolder(child, path);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Lets the copy go. Resolves when its process has ended. */
  async close(): Promise<void> {
    if (!this.isAlive) return;
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.ref();
    this.#process.stdin?.end();
    await ended;
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let complaint = '';
    child.stdin?.on('error', () => {});
    child.stderr?.on('data', (text) => {
      complaint = (complaint + text).slice(-1024);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const how = complaint.trim() || `it ended with ${code ?? signal}`;
      reject(new Error(`The memory of a template could not be sealed: ${how}`));
    });
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).once('line', (line) => {
      if (pathPattern.test(line)) resolve(line);
      else
        reject(new Error(`The memory of a template is at ${JSON.stringify(line)}, no such path`));
    });
  });
}

function unref(stream: unknown): void {
  (stream as { unref?: () => void } | null)?.unref?.();
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { plainNode } from '../../support/plainNode.js';

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliSettings {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Path of the program; that of this checkout where nothing is said. */
  readonly program?: string;
}

/** The compiled `ballast` command as a child process, with what it has written so far. */
export class RunningCli {
  readonly child: ChildProcess;
  readonly #written = { stdout: '', stderr: '' };

  constructor(args: readonly string[], settings: CliSettings = {}) {
    const program = settings.program ?? resolve('build/src/cli/main.js');
    const [command, ...first] = plainNode;
    this.child = spawn(command, [...first, program, ...args], {
      stdio: 'pipe',
      // A process group of its own, as a shell gives it.
      detached: true,
      env: { PATH: process.env.PATH, ...settings.env },
    });
    for (const name of ['stdout', 'stderr'] as const) {
      this.child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this.#written[name] += text;
      });
    }
    this.child.stdin?.end(settings.stdin ?? '');
  }

  /** Waits until standard output holds `text`. The test's own timeout bounds it. */
  printed(text: string): Promise<void> {
    return this.#wrote('stdout', text);
  }

  /** The same for standard error. */
  complained(text: string): Promise<void> {
    return this.#wrote('stderr', text);
  }

  async #wrote(name: 'stdout' | 'stderr', text: string): Promise<void> {
    const ended = once(this.child, 'close').then(() => {
      throw new Error(`ended without ${JSON.stringify(text)}: ${JSON.stringify(this.#written)}`);
    });
    ended.catch(() => {});
    while (!this.#written[name].includes(text)) {
      const stream = this.child[name];
      if (stream === null) throw new Error(`${name} is not piped`);
      await Promise.race([once(stream, 'data'), ended]);
    }
  }

  /** A signal to the whole process group, as a terminal's Ctrl-C is one. */
  interrupt(): void {
    if (this.child.pid === undefined) throw new Error('the command did not start');
    process.kill(-this.child.pid, 'SIGINT');
  }

  async finish(): Promise<CliResult> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      await once(this.child, 'close');
    }
    return { code: this.child.exitCode, ...this.#written };
  }
}

export function runCli(args: readonly string[], settings: CliSettings = {}): Promise<CliResult> {
  return new RunningCli(args, settings).finish();
}

interface Test {
  teardown(handler: () => unknown): unknown;
}

/** A path that fits into a socket's address, which those of `t.testdir()` do not. */
export function socketPath(t: Test): string {
  const directory = mkdtempSync(join(tmpdir(), 'ballast-cli-'));
  t.teardown(() => rmSync(directory, { recursive: true }));
  return join(directory, 'api.sock');
}

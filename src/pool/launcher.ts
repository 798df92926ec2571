/**
 * The programs that give a guest's boot memory a file. They are copied into the state directory,
 * since QEMU's user may not reach a checkout.
 */
import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const answerMs = 10_000;

export interface Launcher {
  /** Stands in QEMU's place. */
  readonly qemuPath: string;
  /** Keeps a sealed copy of a file. */
  readonly ramPath: string;
}

export type LauncherFinding =
  | { readonly launcher: Launcher; readonly problem: null }
  | { readonly launcher: null; readonly problem: string };

/** Installs what was built, unless it is there, and sees that it runs. Never throws. */
export async function installLauncher(builtDir: string, dir: string): Promise<LauncherFinding> {
  const launcher = { qemuPath: join(dir, 'ballast-qemu'), ramPath: join(dir, 'ballast-ram') };
  try {
    await mkdir(dir, { recursive: true });
    await chmod(dir, 0o755);
    await install(join(builtDir, 'ballast-qemu'), launcher.qemuPath);
    await install(join(builtDir, 'ballast-ram'), launcher.ramPath);
    await run(launcher.qemuPath, ['--version'], { timeout: answerMs });
    return { launcher, problem: null };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.trim() : String(cause);
    return { launcher: null, problem: `the launcher of QEMU cannot be used: ${why}` };
  }
}

/** One that is the same stays: libvirt asks an emulator that changed anew what it can do. */
async function install(source: string, target: string): Promise<void> {
  const [wanted, present] = await Promise.all([
    readFile(source),
    readFile(target).catch(() => null),
  ]);
  if (present?.equals(wanted) === true) return;
  const aside = `${target}.${process.pid}`;
  await copyFile(source, aside, constants.COPYFILE_FICLONE);
  await chmod(aside, 0o755);
  await rename(aside, target);
}

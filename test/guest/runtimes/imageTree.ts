/** The runtimes as the image has them, in a directory of the host, beside a function's code. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

interface Test {
  teardown(handler: () => Promise<void>): unknown;
}

export interface ImageTree {
  readonly nodeClient: string;
  readonly pythonClient: string;
  readonly taskRoot: string;
}

export async function imageTree(
  t: Test,
  files: Readonly<Record<string, string>>,
): Promise<ImageTree> {
  const root = await mkdtemp(join(tmpdir(), 'ballast-runtimes-'));
  t.teardown(() => rm(root, { recursive: true, force: true }));
  const runtime = join(root, 'var/runtime');
  for (const language of ['node', 'python']) {
    await cp(resolve('guest/runtimes', language), join(runtime, language), { recursive: true });
  }
  await cp(resolve('build/guest/ballast-reseed.node'), join(runtime, 'node/reseed.node'));
  const hooks = join(root, 'node_modules/snapshot-restore');
  await cp(resolve('guest/runtimes/snapshot-restore'), hooks, { recursive: true });
  const taskRoot = join(root, 'var/task');
  await mkdir(taskRoot);
  for (const [name, text] of Object.entries(files)) await writeFile(join(taskRoot, name), text);
  const nodeClient = join(runtime, 'node/bootstrap.mjs');
  return { nodeClient, pythonClient: join(runtime, 'python/bootstrap.py'), taskRoot };
}

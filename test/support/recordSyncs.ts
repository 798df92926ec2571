/** Sees what is made durable, which no reading of the files can tell afterwards. */
import { readlinkSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

interface Test {
  teardown(handler: () => unknown): unknown;
}

/** The paths that are synced from now on until the test ends, as they are at that moment. */
export async function recordSyncs(t: Test): Promise<readonly string[]> {
  const paths: string[] = [];
  const handle = await open('/dev/null');
  await handle.close();
  const prototype: Pick<FileHandle, 'sync'> = Object.getPrototypeOf(handle);
  const { sync } = prototype;
  prototype.sync = function (this: FileHandle) {
    paths.push(readlinkSync(`/proc/self/fd/${this.fd}`));
    return sync.call(this);
  };
  t.teardown(() => {
    prototype.sync = sync;
  });
  return paths;
}

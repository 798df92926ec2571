import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import t from 'tap';

/** Runs the function in a checkout, on its build directory `build/part`. */
function dropIn(checkout: string): void {
  const script = `set -eu; source ${resolve('scripts/lib/cmake.sh')}
    drop_foreign_build build/part`;
  const { status, stderr } = spawnSync('bash', ['-c', script], { cwd: checkout, encoding: 'utf8' });
  t.equal(status, 0, stderr);
}

t.test('what CMake set up in another place is removed, and else nothing', async (t) => {
  const checkout = t.testdir({ build: {} });
  dropIn(checkout);
  for (const [place, stays] of [
    ['/elsewhere/build/part', false],
    [`${checkout}/build/part2`, false],
    [`${checkout}/build/part`, true],
  ] as const) {
    const cache = `CMAKE_CACHEFILE_DIR:INTERNAL=${place}\n`;
    const moved = t.testdir({ build: { part: { 'CMakeCache.txt': cache } } });
    dropIn(moved);
    t.equal(existsSync(join(moved, 'build/part')), stays, place);
  }
});

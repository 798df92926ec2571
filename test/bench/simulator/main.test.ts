import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { traceTexts, writeTrace } from './traceDirectory.js';

const program = fileURLToPath(new URL('../../../bench/simulator/main.js', import.meta.url));
const simulate = (...args: readonly string[]) =>
  spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });

const texts = traceTexts([
  { name: 'a', calls: { 0: 3, 7: 2, 30: 1 }, durationMs: 100, needMib: 200 },
  { name: 'b', calls: { 5: 9 }, durationMs: 70_000, needMib: 300 },
]);

t.test(
  'the same seed gives the same bytes, of the text, the picture and the numbers',
  async (t) => {
    const prefix = await writeTrace(t, texts);
    const written = async (seed: string, name: string) => {
      const files = { svg: `${prefix}-${name}.svg`, json: `${prefix}-${name}.json` };
      const budget = ['--trace', prefix, '--budget-mib', '4096', '--max-memory-mib', '1024'];
      const outputs = ['--svg', files.svg, '--json', files.json];
      const { stdout, status } = simulate(...budget, '--seed', seed, ...outputs);
      t.equal(status, 0);
      return [stdout, await readFile(files.svg, 'utf8'), await readFile(files.json, 'utf8')];
    };
    const first = await written('3', 'first');
    t.same(await written('3', 'second'), first);
    t.not((await written('4', 'third'))[2], first[2]);
    t.match(first[0], /15 calls of 2 functions/);
    for (const policy of ['hybrid', 'fixed:600', 'greedy-dual', 'none']) {
      t.ok(
        first.every((text) => text?.includes(policy)),
        policy,
      );
    }
  },
);

t.test('what is asked wrongly is told in one line', async (t) => {
  const prefix = await writeTrace(t, { ...texts, mem: texts.mem.replace('o,a,200', 'o,a,much') });
  const valid = ['--trace', prefix, '--budget-mib', '4096'];
  const cases: readonly (readonly [readonly string[], RegExp, number])[] = [
    [[], /required option '--trace/, 2],
    [['--trace', prefix, '--budget-mib', '1e5'], /Allowed: whole numbers from 1024/, 2],
    [[...valid, '--policy', 'lru'], /Allowed: hybrid, greedy-dual, fixed:SECONDS/, 2],
    [[...valid, '--seed', '-1'], /Allowed: whole numbers from 0/, 2],
    [valid, /^simulate: .*small_mem\.csv:2: AverageAllocatedMb_pct1 is 'much'; allowed/, 1],
  ];
  for (const [args, message, exitCode] of cases) {
    const { stderr, stdout, status } = simulate(...args);
    t.match(stderr, message);
    t.equal(status, exitCode);
    t.equal(stdout, '');
  }
});

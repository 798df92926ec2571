import { spawnSync } from 'node:child_process';
import t from 'tap';

const logger = new URL('../../src/logger.js', import.meta.url).href;

/** Runs a program that has a logger of a level, and tells what it wrote. */
function run(level: string, program: string): { stdout: string; lines: object[] } {
  const source = `import { createLogger } from '${logger}'; const log = createLogger('${level}');`;
  const args = ['--input-type=module', '--eval', `${source} ${program}`];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const lines = stderr.split('\n').filter((line) => line !== '');
  return { stdout, lines: lines.map((line) => JSON.parse(line)) };
}

t.test('the log is lines of JSON on stderr, whole even where the process is killed', async (t) => {
  const program =
    "log.info({ size: 128 }, 'a\\nb'); log.error('last'); process.kill(process.pid, 'SIGKILL');";
  const { stdout, lines } = run('info', program);
  t.equal(stdout, '');
  t.match(lines, [
    { name: 'ballast', level: 30, size: 128, msg: 'a\nb' },
    { name: 'ballast', level: 50, msg: 'last' },
  ]);
});

t.test('what is below the level is left out', async (t) => {
  const { lines } = run('warn', "log.info('quiet'); log.warn('loud');");
  t.match(lines, [{ msg: 'loud' }]);
  t.equal(lines.length, 1);
});

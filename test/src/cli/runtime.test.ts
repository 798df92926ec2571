import t from 'tap';
import { guessHandler, guessRuntime } from '../../../src/cli/runtime.js';

const offered = ['python3.9', 'python3.13', 'nodejs20.x', 'provided'];
const files = (...names: string[]) =>
  new Map(names.map((name) => [name, { executable: name === 'bootstrap' }]));

t.test('the files of a package call for a runtime and a handler', async (t) => {
  const guess = (...names: string[]) => {
    const runtime = guessRuntime(files(...names), offered);
    return [runtime, guessHandler(files(...names), runtime)];
  };
  t.same(guess('index.mjs', 'README.md'), ['nodejs20.x', 'index.handler']);
  t.same(guess('index.js'), ['nodejs20.x', 'index.handler']);
  t.same(guess('index.py'), ['python3.13', 'index.handler'], 'the newest');
  t.same(guess('lambda_function.py'), ['python3.13', 'lambda_function.lambda_handler']);
  t.same(guess('bootstrap'), ['provided', 'bootstrap']);
});

t.test('what cannot be guessed is asked for', async (t) => {
  const exitCode = 2;
  t.throws(() => guessRuntime(files('main.go'), offered), { message: /give --runtime/, exitCode });
  t.throws(() => guessRuntime(files('index.js', 'index.py'), offered), {
    message: /index\.js and index\.py: say by --runtime/,
    exitCode,
  });
  t.throws(() => guessRuntime(new Map([['bootstrap', { executable: false }]]), offered), {
    message: /chmod \+x/,
  });
  t.throws(() => guessRuntime(files('index.py'), ['nodejs20.x']), {
    message: 'The service offers no python runtime, only nodejs20.x.',
  });
  t.throws(() => guessHandler(files(), 'cobol'), { message: /give --handler/ });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { BallastError, type ErrorCode, errorCatalogue } from '../../../src/model/errors.js';
import { root } from '../../tidy/files.js';

const codes = Object.keys(errorCatalogue) as ErrorCode[];
const catalogueFile = join('model', 'errors.ts');

const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && path !== catalogueFile)
  .map((path) => {
    const text = readFileSync(join(root, 'src', path), 'utf8');
    return { path, text, tree: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true) };
  });

function literalsIn(tree: ts.SourceFile): string[] {
  const found: string[] = [];
  const walk = (node: ts.Node): void => {
    if (ts.isStringLiteral(node)) found.push(node.text);
    ts.forEachChild(node, walk);
  };
  walk(tree);
  return found;
}

t.test('every code of the catalogue is used by the service', async (t) => {
  t.ok(sources.length > 30, `${sources.length} sources were read`);
  const used = new Set(sources.flatMap(({ tree }) => literalsIn(tree)));
  t.same(
    codes.filter((code) => !used.has(code)),
    [],
  );
});

t.test('every code that a docstring promises is in the catalogue', async (t) => {
  const promises = sources.flatMap(({ path, text }) =>
    [...text.matchAll(/@throws BallastError[^@]*?\*\//g)].flatMap(([promise]) =>
      [...promise.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)]
        .map(([code]) => code)
        .filter((code) => !code.startsWith('BALLAST_'))
        .map((code) => ({ path, code })),
    ),
  );
  t.ok(promises.length > 10, `${promises.length} promises were found`);
  t.same(
    promises.filter(({ code }) => !(code in errorCatalogue)),
    [],
  );
});

t.test('an entry has a status of HTTP, a name of the Lambda API, and who has to act', async (t) => {
  for (const code of codes) {
    const { status, lambdaType, fault } = errorCatalogue[code];
    t.match(code, /^[A-Z]+(_[A-Z]+)*$/);
    t.ok(Number.isInteger(status) && status >= 400 && status <= 599, `${code}: ${status}`);
    t.match(lambdaType, /^[A-Z][A-Za-z]+Exception$/, code);
    t.ok(fault === 'User' || status >= 500, `${code}: what the operator mends is not a 4xx`);
  }
});

t.test('an error is its key', async (t) => {
  for (const code of codes) {
    const error = new BallastError(code, 'What was wrong, and what to do.');
    t.equal(error.code, code);
    t.equal(error.entry, errorCatalogue[code]);
  }
});

t.test('an error carries what it was given', async (t) => {
  const cause = new Error('below');
  const details = { limitMib: 512 };
  const error = new BallastError('MEMORY_HELD', 'Held.', { cause, retryAfterSeconds: 2, details });
  t.type(error, Error);
  t.equal(error.name, 'BallastError');
  t.equal(error.message, 'Held.');
  t.equal(error.cause, cause);
  t.equal(error.retryAfterSeconds, 2);
  t.same(error.details, details);
  t.match(error.stack, /errors\.test/);
});

t.test('an error that was given nothing has nothing', async (t) => {
  const error = new BallastError('INTERNAL', 'Broken.');
  t.notOk('cause' in error);
  t.equal(error.retryAfterSeconds, undefined);
  t.equal(error.details, undefined);
});

import t from 'tap';
import {
  namingOf,
  readFunctionName,
  readWholeFunctionName,
} from '../../../src/api/functionName.js';

const identity = { region: 'us-east-1', accountId: '123456789012' };
const arn = 'arn:aws:lambda:us-east-1:123456789012:function:hello';
const read = (reference: string, qualifier?: string) =>
  readFunctionName(reference, identity, qualifier);

t.test('every form of a name, and every way to say a version', async (t) => {
  const forms = ['hello', '123456789012:function:hello', arn];
  for (const form of forms) {
    const functionName = 'hello';
    t.same(read(form), { functionName, version: '$LATEST' }, form);
    t.same(read(form, ''), { functionName, version: '$LATEST' }, form);
    for (const version of ['$LATEST', '1', '12', 'prod']) {
      const named = { functionName, version, qualifier: version };
      t.same(read(`${form}:${version}`), named);
      t.same(read(`${form}:${version}`, ''), named);
      t.same(read(`${form}:${version}`, version), named);
      t.same(read(form, version), named);
    }
  }
  const longest = 'aZ-_0'.padEnd(64, 'x');
  t.equal(read(longest).functionName, longest);
});

t.test('an answer names the version where the caller did', async (t) => {
  t.equal(namingOf(read('hello')), 'unqualified');
  t.equal(namingOf(read('hello:$LATEST')), 'qualified');
  t.equal(namingOf(read('hello', '1')), 'qualified');
});

t.test('what concerns a whole function is told no version', async (t) => {
  t.equal(readWholeFunctionName(arn, identity), 'hello');
  t.equal(readWholeFunctionName('hello:$LATEST', identity), 'hello');
  for (const reference of ['hello:1', `${arn}:prod`]) {
    t.throws(() => readWholeFunctionName(reference, identity), {
      code: 'INVALID_PARAMETER',
      message: /never changes. Name the function alone: hello\./,
    });
  }
});

t.test('what is no name is quoted, and no more than 200 characters of it', async (t) => {
  const bad = ['', 'a b', 'a.b', 'x'.repeat(65), 'hello:', 'hello:$OLD', `${arn}:a:b`, 'hello\n'];
  const elsewhere = ['arn:aws:s3:us-east-1:123456789012:function:hello', '12:function:hello'];
  for (const reference of [...bad, ...elsewhere]) {
    t.throws(() => read(reference), {
      code: 'INVALID_PARAMETER',
      message: `FunctionName is '${reference}': 1 to 64 letters`,
    });
  }
  t.throws(() => read('é'.repeat(1000)), { message: /'é{200}'/ });
});

t.test('another account or region is not here, and the error says what is', async (t) => {
  const absent: readonly (readonly [string, string?])[] = [
    ['999999999999:function:hello'],
    [arn.replace('123456789012', '999999999999')],
    [arn.replace('us-east-1', 'eu-west-1'), '1'],
  ];
  for (const [reference, qualifier] of absent) {
    t.throws(
      () => read(reference, qualifier),
      { code: 'FUNCTION_NOT_FOUND', message: `On this host it would be ${arn}.` },
      reference,
    );
  }
});

t.test('two versions at once are refused', async (t) => {
  for (const [reference, qualifier] of [
    ['hello:1', '2'] as const,
    [`${arn}:$LATEST`, '1'] as const,
  ]) {
    t.throws(() => read(reference, qualifier), {
      code: 'INVALID_PARAMETER',
      message: 'name two versions',
    });
  }
});

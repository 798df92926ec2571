import t from 'tap';
import { changedSettings, newSettings } from '../../../src/api/settings.js';
import { BallastError } from '../../../src/model/errors.js';
import { limits } from '../../../src/model/limits.js';

const largestMib = 2048;
const rules = {
  runtimes: ['nodejs20.x', 'provided'],
  checkSize: (requestedMib: number) => {
    if (requestedMib > largestMib) throw new BallastError('SIZE_BEYOND_HOST', 'too much');
  },
};
const body = {
  FunctionName: 'hello',
  Runtime: 'nodejs20.x',
  Handler: 'index.handler',
  Code: { ZipFile: '' },
};
const full = {
  ...body,
  Role: 'arn:aws:iam::000000000000:role/mine',
  Description: 'says hello',
  MemorySize: 512,
  EphemeralStorage: { Size: 1024 },
  Timeout: 30,
  Environment: { Variables: { STAGE: 'test' } },
  SnapStart: { ApplyOn: 'PublishedVersions' as const },
};

const withVariables = (Variables: Record<string, string>) =>
  newSettings('hello', { ...body, Environment: { Variables } }, rules);

t.test("what is not given has Lambda's defaults", async (t) => {
  t.same(newSettings('hello', body, rules), {
    functionName: 'hello',
    runtime: 'nodejs20.x',
    handler: 'index.handler',
    role: 'arn:aws:iam::000000000000:role/ballast',
    description: '',
    memoryMib: 128,
    ephemeralMib: 512,
    timeoutSeconds: 3,
    environment: {},
    snapStart: 'None',
  });
});

t.test('what is given is kept', async (t) => {
  t.same(newSettings('hello', full, rules), {
    functionName: 'hello',
    runtime: 'nodejs20.x',
    handler: 'index.handler',
    role: 'arn:aws:iam::000000000000:role/mine',
    description: 'says hello',
    memoryMib: 512,
    ephemeralMib: 1024,
    timeoutSeconds: 30,
    environment: { STAGE: 'test' },
    snapStart: 'PublishedVersions',
  });
});

t.test('a change replaces what it names, and nothing else', async (t) => {
  const present = newSettings('hello', full, rules);
  const changes: readonly (readonly [object, object])[] = [
    [{}, {}],
    [{ Runtime: 'provided' }, { runtime: 'provided' }],
    [{ Handler: 'a.b' }, { handler: 'a.b' }],
    [{ Role: 'arn:aws:iam::000000000000:role/r' }, { role: 'arn:aws:iam::000000000000:role/r' }],
    [{ Description: '' }, { description: '' }],
    [{ MemorySize: 130 }, { memoryMib: 130 }],
    [{ EphemeralStorage: { Size: 600 } }, { ephemeralMib: 600 }],
    [{ Timeout: 1 }, { timeoutSeconds: 1 }],
    [{ Environment: { Variables: { A1: 'b' } } }, { environment: { A1: 'b' } }],
    [{ Environment: {} }, { environment: {} }],
    [{ SnapStart: { ApplyOn: 'None' } }, { snapStart: 'None' }],
    [{ SnapStart: {} }, {}],
  ];
  for (const [change, changed] of changes) {
    t.same(changedSettings(present, change, rules), { ...present, ...changed });
  }
});

t.test('a change is checked as a creation is', async (t) => {
  const present = newSettings('hello', full, rules);
  const change = (changes: object) => () => changedSettings(present, changes, rules);
  t.throws(change({ Runtime: 'cobol' }), {
    code: 'INVALID_RUNTIME',
    message: /Runtime is 'cobol'.*nodejs20\.x, provided are allowed/,
  });
  t.throws(change({ MemorySize: largestMib + 1 }), { code: 'SIZE_BEYOND_HOST' });
  t.throws(change({ Environment: { Variables: { AWS_REGION: 'x' } } }), {
    code: 'INVALID_PARAMETER',
  });
});

t.test('names of variables are those that a shell can have, two characters or more', async (t) => {
  for (const name of ['AB', 'a_', 'A1', 'AWS_ACCESS_KEY_ID']) {
    t.same(withVariables({ [name]: 'x' }).environment, { [name]: 'x' });
  }
  for (const name of ['A', '', '1A', '_A', 'A-B', 'A B', 'AB\n', 'É1']) {
    t.throws(() => withVariables({ [name]: 'x' }), {
      code: 'INVALID_PARAMETER',
      message: `The environment variable '${name}' has a name`,
    });
  }
  t.throws(() => withVariables({ ['-'.repeat(500)]: 'x' }), { message: /'-{100}'/ });
});

t.test('what the service sets by itself cannot be set', async (t) => {
  for (const name of ['AWS_REGION', 'AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT']) {
    t.throws(() => withVariables({ [name]: 'x' }), { message: `'${name}' is reserved` });
  }
  t.throws(() => withVariables({ AB: 'a\0b' }), { message: /'AB' has a value with a NUL/ });
});

t.test('a function is idempotent, or it is not', async (t) => {
  for (const BALLAST_IDEMPOTENT of ['true', 'false']) {
    t.same(withVariables({ BALLAST_IDEMPOTENT }).environment, { BALLAST_IDEMPOTENT });
  }
  t.throws(() => withVariables({ BALLAST_IDEMPOTENT: 'yes' }), {
    code: 'INVALID_PARAMETER',
    message: /'BALLAST_IDEMPOTENT' is 'yes': true and false are allowed/,
  });
});

t.test('variables take 4 KiB as JSON, and not a byte more', async (t) => {
  const frame = Buffer.byteLength(JSON.stringify({ AB: '' }));
  const most = 'é'.repeat((limits.maxEnvironmentBytes - frame) / 2);
  const odd = (limits.maxEnvironmentBytes - frame) % 2 === 1 ? 'x' : '';
  t.equal(withVariables({ AB: most + odd }).environment.AB, most + odd);
  t.throws(() => withVariables({ AB: `${most}${odd}x` }), {
    code: 'INVALID_PARAMETER',
    message: /^Environment has 4097 bytes as JSON: at most 4096/,
  });
});

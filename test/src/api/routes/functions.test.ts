import t from 'tap';
import { limits } from '../../../../src/model/limits.js';
import { link, rawZipOf, type TestEntry, zipOf } from '../../store/zips.js';
import { creation, functionsPath, helloZip, isLambdaError, openBench } from '../harness.js';

const parameter = 'InvalidParameterValueException';

t.test('a function is created with what was asked, and described the same', async (t) => {
  const { create, send } = await openBench(t);
  const created = await create('hello', {
    MemorySize: 512,
    Timeout: 9,
    Description: 'says hello',
    Environment: { Variables: { STAGE: 'a\nb' } },
    EphemeralStorage: { Size: 1024 },
  });
  t.match(created, {
    FunctionName: 'hello',
    FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:hello',
    Runtime: 'nodejs20.x',
    MemorySize: 512,
    Timeout: 9,
    CodeSize: helloZip.length,
    CodeSha256: /^[A-Za-z0-9+/]{43}=$/,
    Environment: { Variables: { STAGE: 'a\nb' } },
    EphemeralStorage: { Size: 1024 },
    State: 'Active',
    LastUpdateStatus: 'Successful',
    Version: '$LATEST',
  });
  const described = (await send(`GET ${functionsPath}/hello`)).json();
  t.same(described.Configuration, created);
  const zip = await send(`GET ${new URL(described.Code.Location).pathname}`);
  t.same(zip.rawPayload, helloZip);
});

t.test('what is not given has the defaults of Lambda', async (t) => {
  const { create } = await openBench(t);
  const created = await create();
  t.match(created, { MemorySize: 128, Timeout: 3, EphemeralStorage: { Size: 512 } });
  t.notOk('Environment' in created);
});

t.test('a function is reached by every name that it has', async (t) => {
  const { create, send } = await openBench(t);
  await create();
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:hello';
  const names = ['hello', 'hello:$LATEST', '000000000000:function:hello', arn, `${arn}:$LATEST`];
  for (const name of names.flatMap((one) => [one, encodeURIComponent(one)])) {
    for (const rest of ['', '/', '?Qualifier=$LATEST', '?Qualifier=']) {
      t.equal((await send(`GET ${functionsPath}/${name}${rest}`)).statusCode, 200, name + rest);
    }
  }
});

t.test('names that lead nowhere', async (t) => {
  const { create, send } = await openBench(t);
  await create();
  const unknown = ['nobody', 'hello:1', 'hello?Qualifier=2', '111111111111:function:hello'];
  for (const name of unknown) {
    const answer = await send(`GET ${functionsPath}/${name}`);
    isLambdaError(t, answer, [404, 'ResourceNotFoundException', /Function not found/], name);
  }
  const malformed = ['a.b', 'a%20b', 'a%2Fb', 'a%0Db', 'é'.repeat(3), 'x'.repeat(65)];
  for (const name of malformed.map(encodeURI)) {
    const answer = await send(`GET ${functionsPath}/${name}`);
    isLambdaError(t, answer, [400, parameter, /FunctionName is '.*1 to 64 letters/], name);
  }
  const long = await send(`GET ${functionsPath}/${'x'.repeat(300)}`);
  isLambdaError(t, long, [400, parameter, /too long/]);
  const broken = await send(`GET ${functionsPath}/%zz`);
  isLambdaError(t, broken, [400, parameter, /cannot be decoded/]);
  const two = await send(`GET ${functionsPath}/hello:$LATEST?Qualifier=1`);
  isLambdaError(t, two, [400, parameter, /name two versions/]);
});

t.test('a list comes in pages', async (t) => {
  const { create, send } = await openBench(t);
  for (const name of ['a', 'b', 'c', 'd', 'e']) await create(name);
  const seen: string[] = [];
  let marker = '';
  for (let page = 0; page < 3; page += 1) {
    const answer = await send(`GET ${functionsPath}/?MaxItems=2&Marker=${marker}`);
    const { Functions, NextMarker } = answer.json();
    seen.push(...Functions.map((fn: { FunctionName: string }) => fn.FunctionName));
    t.equal(NextMarker === undefined, page === 2);
    marker = NextMarker;
  }
  t.same(seen, ['a', 'b', 'c', 'd', 'e']);
  for (const query of ['MaxItems=0', 'MaxItems=10001', 'MaxItems=x']) {
    const answer = await send(`GET ${functionsPath}?${query}`);
    isLambdaError(t, answer, [400, parameter, /MaxItems is .* from 1 to 10000/], query);
  }
  const bad = await send(`GET ${functionsPath}?Marker=*`);
  isLambdaError(t, bad, [400, parameter, /Marker is '\*'/]);
});

t.test('a function that is deleted is gone, with its instances', async (t) => {
  const { create, send, service } = await openBench(t);
  await create();
  const headers = { 'content-type': 'application/json' };
  t.equal((await send(`DELETE ${functionsPath}/hello`, { headers })).statusCode, 204);
  t.same(service.retired, [['hello', null, undefined]]);
  const again = await send(`DELETE ${functionsPath}/hello`);
  isLambdaError(t, again, [404, 'ResourceNotFoundException', /hello/]);
});

t.test('a name is given once', async (t) => {
  const { create, send } = await openBench(t);
  await create();
  const answer = await send(`POST ${functionsPath}`, { body: creation('hello') });
  isLambdaError(t, answer, [409, 'ResourceConflictException', /already exist: hello/]);
});

t.test('sizes and settings out of bounds name the value and what is allowed', async (t) => {
  const { send, store } = await openBench(t);
  const cases: readonly (readonly [object, RegExp])[] = [
    ...[0, 127, 10_241, -1, 1.5, 'abc', '1e3', '', '128', null].map(
      (size) => [{ MemorySize: size }, /MemorySize is .*whole number from 128 to 10240/] as const,
    ),
    [{ MemorySize: 4097 }, /4097 MiB is more than this host can give/],
    [{ Timeout: 901 }, /Timeout is 901.*from 1 to 900/],
    [{ EphemeralStorage: { Size: 511 } }, /EphemeralStorage\.Size is 511.*from 512/],
    [{ Runtime: 'cobol' }, /Runtime is 'cobol'.*nodejs20\.x, python3\.11 are allowed/],
    [{ Runtime: undefined }, /Runtime is missing/],
    [{ Handler: 'a b' }, /Handler is "a b".*without spaces/],
    [{ Description: 'x'.repeat(257) }, /Description is .*At most 256/],
    [{ Code: {} }, /Code\.ZipFile is missing/],
    [{ Environment: { Variables: { '1a': 'x' } } }, /variable '1a' has a name/],
    [{ Environment: { Variables: { AWS_REGION: 'x' } } }, /'AWS_REGION' is reserved/],
    [{ Environment: { Variables: { AB: 'x\0' } } }, /'AB' has a value with a NUL/],
    [{ Environment: { Variables: { AB: 1 } } }, /Environment\.Variables\.AB is 1/],
    [{ Environment: { Variables: { AB: 'x'.repeat(4096) } } }, /Environment has \d+ bytes/],
    [{ NoSuchMember: 1 }, /NoSuchMember is not supported/],
    [{ SnapStart: { ApplyOn: 'All' } }, /SnapStart\.ApplyOn is "All".*PublishedVersions or None/],
    [{ SnapStart: { Other: 1 } }, /SnapStart\.Other is not supported/],
    [{ Publish: 'yes' }, /Publish is "yes"/],
  ];
  for (const [changes, message] of cases) {
    const answer = await send(`POST ${functionsPath}`, { body: creation('hello', changes) });
    isLambdaError(t, answer, [400, parameter, message], JSON.stringify(changes).slice(0, 60));
  }
  t.equal(store.find('hello'), null);
});

t.test('members that are not offered are refused unless they ask for nothing', async (t) => {
  const { create, send } = await openBench(t);
  await create('idle', {
    Architectures: ['x86_64'],
    PackageType: 'Zip',
    Publish: false,
    Tags: {},
    Layers: [],
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [] },
    TracingConfig: { Mode: 'PassThrough' },
    SnapStart: { ApplyOn: 'None' },
    DeadLetterConfig: null,
    KMSKeyArn: '',
  });
  const asking: readonly object[] = [
    { Architectures: ['arm64'] },
    { PackageType: 'Image' },
    { Tags: { team: '' } },
    { Layers: ['arn'] },
    { VpcConfig: { SubnetIds: ['s'] } },
    { TracingConfig: { Mode: 'Active' } },
  ];
  for (const changes of asking) {
    const answer = await send(`POST ${functionsPath}`, { body: creation('asking', changes) });
    const message = new RegExp(`${Object.keys(changes)[0]} is not supported`);
    isLambdaError(t, answer, [400, parameter, message]);
  }
});

t.test('a package that is none is refused, and nothing is left behind', async (t) => {
  const { send, store } = await openBench(t);
  const raw = async (...entries: TestEntry[]) => (await rawZipOf(entries)).toString('base64');
  const huge = await zipOf([{ name: 'a', bytes: Buffer.alloc(limits.maxUnzippedBytes + 1) }]);
  const cases: readonly [string, string, readonly [number, string, RegExp]][] = [
    ['empty', '', [400, parameter, /empty/]],
    ['corrupt', helloZip.subarray(0, 60).toString('base64'), [400, parameter, /Could not unzip/]],
    ['parent', await raw({ name: '../x', bytes: 'x' }), [400, parameter, /\.\.\/x/]],
    ['absolute', await raw({ name: '/etc/x', bytes: 'x' }), [400, parameter, /\/etc\/x/]],
    ['link', await raw({ name: 'a' }, link('out', '../../etc')), [400, parameter, /out/]],
    ['huge', huge.toString('base64'), [400, parameter, /250 MiB/]],
    ['base64', 'this is no base64!', [400, parameter, /ZipFile is not base64/]],
  ];
  for (const [name, ZipFile, expected] of cases) {
    const answer = await send(`POST ${functionsPath}`, {
      body: creation('hello', { Code: { ZipFile } }),
    });
    isLambdaError(t, answer, expected, name);
  }
  t.equal(store.find('hello'), null);
});

t.test('bodies that are not one JSON object', async (t) => {
  const { send } = await openBench(t);
  const request = 'InvalidRequestContentException';
  const cases: readonly [string, readonly [number, string, RegExp]][] = [
    ['{', [400, request, /could not be read/]],
    ['', [400, parameter, /The body is/]],
    ['[]', [400, parameter, /The body is \[\]/]],
    ['{"__proto__":{}}', [400, request, /could not be read/]],
  ];
  for (const [body, expected] of cases) {
    isLambdaError(t, await send(`POST ${functionsPath}`, { body }), expected, body);
  }
});

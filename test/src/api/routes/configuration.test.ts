import t from 'tap';
import { functionsPath, isLambdaError, openBench } from '../harness.js';

const path = `${functionsPath}/hello/configuration`;

t.test('an update replaces what it names, and retires the instances of before', async (t) => {
  const { create, send, service } = await openBench(t);
  const before = await create('hello', { Timeout: 9, Environment: { Variables: { AB: 'x' } } });
  const answer = await send(`PUT ${path}`, { body: { MemorySize: 256 } });
  const after = answer.json();
  t.match(after, { MemorySize: 256, Timeout: 9, Environment: { Variables: { AB: 'x' } } });
  t.not(after.RevisionId, before.RevisionId);
  t.same(service.retired, [['hello', after.RevisionId, '$LATEST']]);
  t.same((await send(`GET ${path}/`)).json(), after);
  const emptied = (await send(`PUT ${path}`, { body: { Environment: {} } })).json();
  t.notOk('Environment' in emptied);
});

t.test('a stale RevisionId changes nothing', async (t) => {
  const { create, send, service } = await openBench(t);
  const { RevisionId } = await create();
  const stale = await send(`PUT ${path}`, { body: { Timeout: 5, RevisionId: 'old' } });
  isLambdaError(t, stale, [412, 'PreconditionFailedException', /RevisionId old is not/]);
  t.same(service.retired, []);
  t.equal((await send(`PUT ${path}`, { body: { Timeout: 5, RevisionId } })).statusCode, 200);
});

t.test('a bad update changes nothing', async (t) => {
  const { create, send, service } = await openBench(t);
  const before = await create();
  for (const body of [{ MemorySize: 127 }, { MemorySize: 9999 }, { Runtime: 'x' }, { Layers: [1] }])
    isLambdaError(t, await send(`PUT ${path}`, { body }), [
      400,
      'InvalidParameterValueException',
      /MemorySize|9999|Runtime|Layers/,
    ]);
  t.same((await send(`GET ${path}`)).json(), before);
  t.same(service.retired, []);
  const nobody = await send(`PUT ${functionsPath}/nobody/configuration`, { body: {} });
  isLambdaError(t, nobody, [404, 'ResourceNotFoundException', /nobody/]);
});

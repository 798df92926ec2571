import { Validator } from '@seriousme/openapi-schema-validator';
import t from 'tap';
import { functionsPath, isLambdaError, isPlainError, openBench } from './harness.js';

t.test('the host is described, and the service answers', async (t) => {
  const { send, service } = await openBench(t);
  t.same((await send('GET /v1/host')).json(), await service.host());
  t.same((await send('GET /healthz')).json(), { status: 'ok' });
});

t.test('the description of the API is valid and names every operation', async (t) => {
  const { send } = await openBench(t);
  const document = (await send('GET /openapi.json')).json();
  const { valid, errors } = await new Validator().validate(document);
  t.ok(valid, JSON.stringify(errors)?.slice(0, 500));
  t.equal(document.info.version, '1.2.3');
  const operations = Object.values(document.paths).flatMap((path) =>
    Object.values(path as object).map(({ operationId }) => operationId),
  );
  t.same(operations.filter((id) => id !== undefined).sort(), [
    'CreateFunction',
    'DeleteFunction',
    'GetFunction',
    'GetFunctionConfiguration',
    'Invoke',
    'ListFunctions',
    'ListVersionsByFunction',
    'PublishVersion',
    'UpdateFunctionCode',
    'UpdateFunctionConfiguration',
  ]);
});

t.test('what is not offered says so in the shape of its API', async (t) => {
  const { send } = await openBench(t);
  const streaming = '/2021-11-15/functions/hello/response-streaming-invocations';
  const calls = [`POST ${streaming}`, `PATCH ${functionsPath}`, 'GET /2016-08-19/account-settings'];
  for (const call of calls) {
    for (const body of ['{', Buffer.alloc(2 * 1024 * 1024)]) {
      const headers = { 'content-type': 'application/json' };
      const answer = await send(call, call.startsWith('GET') ? {} : { headers, body });
      isLambdaError(t, answer, [501, 'ServiceException', /does not offer.*openapi\.json/], call);
    }
  }
  const headers = { 'content-type': 'application/json' };
  for (const call of ['GET /', 'GET /v1/nothing', 'POST /v1/host', 'PUT /v2']) {
    const answer = await send(call, call.startsWith('GET') ? {} : { headers, body: '{' });
    isPlainError(t, answer, [404, 'ROUTE_NOT_FOUND', /There is no .*openapi\.json/]);
    t.notOk('x-amzn-errortype' in answer.headers);
  }
  isPlainError(t, await send('GET /v1/instances/%zz'), [400, 'INVALID_PARAMETER', /decoded/]);
});

t.test('a request is one line of the log, whatever its path holds', async (t) => {
  const { send, logLines } = await openBench(t);
  await send('GET /v1/nothing%0A%7B%22level%22:30%7D');
  await send('GET /healthz');
  t.equal(logLines.length, 1);
  t.match(JSON.parse(logLines[0] ?? ''), {
    msg: 'answered',
    method: 'GET',
    url: '/v1/nothing%0A%7B%22level%22:30%7D',
    status: 404,
    reqId: /^[0-9a-f-]{36}$/,
  });
});

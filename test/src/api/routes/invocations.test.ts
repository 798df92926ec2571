import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { BallastError } from '../../../../src/model/errors.js';
import { limits } from '../../../../src/model/limits.js';
import { resultFor } from '../../../support/fakeService.js';
import { functionsPath, isLambdaError, openBench } from '../harness.js';

const path = `${functionsPath}/hello/invocations`;
const parameter = 'InvalidParameterValueException';
const content = 'InvalidRequestContentException';

t.test('the event goes in, the answer comes out, with its receipt', async (t) => {
  const { create, send, service } = await openBench(t);
  await create();
  const answer = await send(`POST ${path}`, { body: '{"a":"é"}' });
  t.match(
    [answer.statusCode, answer.body, answer.headers],
    [200, '{"a":"é"}', { 'x-amz-executed-version': '$LATEST' }],
  );
  t.notOk('x-amz-function-error' in answer.headers || 'x-amz-log-result' in answer.headers);
  const line = String(answer.headers['x-ballast-receipt']);
  t.notMatch(line, /[\r\n]/);
  const receipt = JSON.parse(line);
  t.equal(receipt.requestId, answer.headers['x-amzn-requestid']);
  t.equal(receipt.requestId, service.invocations[0]?.requestId);
  const members =
    'requestId,functionName,instanceId,start,requestedMib,killedAtMib,fromMib,pluggedMib,' +
    'limitMib,peakMib,cpuMillis,storageMib,resize,queueMs,initMs,durationMs,billedMs';
  t.equal(Object.keys(receipt).join(), members);
  t.equal(Object.keys(receipt.resize).join(), 'mechanism,ms,settled,state,returned');
});

t.test('payloads', async (t) => {
  const { create, send, service } = await openBench(t);
  await create();
  t.equal((await send(`POST ${path}`)).body, '{}', 'no event is an empty one');
  const octets = { 'content-type': 'application/octet-stream' };
  t.equal((await send(`POST ${path}`, { headers: octets, body: '[1]' })).body, '[1]');
  const most = Buffer.alloc(limits.maxPayloadBytes, ' ');
  most[0] = 0x31;
  t.equal((await send(`POST ${path}`, { body: most })).statusCode, 200);
  const asked = service.invocations.length;
  const more = Buffer.concat([most, Buffer.from(' ')]);
  const refused: readonly [string | Buffer, readonly [number, string, RegExp]][] = [
    [more, [413, 'RequestTooLargeException', /larger than 6291456 bytes/]],
    ['{', [400, content, /Could not parse request body into json/]],
    ['NaN', [400, content, /Could not parse/]],
    [Buffer.from([0x22, 0xff, 0x22]), [400, content, /Could not parse.*UTF-8/]],
    ['\ufeff{}', [400, content, /Could not parse/]],
  ];
  for (const [body, expected] of refused) {
    isLambdaError(t, await send(`POST ${path}`, { body }), expected);
  }
  t.equal(service.invocations.length, asked);
});

t.test('the size is the one of the header, or of the function', async (t) => {
  const { create, send, service } = await openBench(t);
  await create('hello', { MemorySize: 256 });
  await send(`POST ${path}`);
  await send(`POST ${path}`, { headers: { 'x-ballast-memory-mib': '512' } });
  t.same(
    service.invocations.map(({ requestedMib }) => requestedMib),
    [256, 512],
  );
  for (const size of ['0', '127', '10241', '-1', '1.5', 'abc', '1e3', '', '0200', '128, 256']) {
    const answer = await send(`POST ${path}`, { headers: { 'x-ballast-memory-mib': size } });
    const message = new RegExp(`x-ballast-memory-mib is '${size}'.*from 128 to 10240 .*, or auto`);
    isLambdaError(t, answer, [400, parameter, message]);
  }
  const beyond = await send(`POST ${path}`, { headers: { 'x-ballast-memory-mib': '4097' } });
  isLambdaError(t, beyond, [400, parameter, /4097 MiB is more/]);
  t.equal(service.invocations.length, 2);
});

t.test('the share of the processor is the one of the header, or comes with the size', async (t) => {
  const { create, send, service } = await openBench(t);
  await create();
  await send(`POST ${path}`);
  await send(`POST ${path}`, { headers: { 'x-ballast-cpu-millis': '2000' } });
  t.same(
    service.invocations.map(({ cpuMillis }) => cpuMillis),
    [null, 2000],
  );
  for (const share of ['0', '9', '2001', '-1', '1.5', 'abc', '', '010']) {
    const answer = await send(`POST ${path}`, { headers: { 'x-ballast-cpu-millis': share } });
    const message = new RegExp(
      `x-ballast-cpu-millis is '${share}'.*from 10 to 2000 .*vCPUs \\(2\\)`,
    );
    isLambdaError(t, answer, [400, parameter, message]);
  }
  t.equal(service.invocations.length, 2);
});

t.test('storage is that of the header, or of the function', async (t) => {
  const { create, send, service } = await openBench(t);
  await create('hello', { EphemeralStorage: { Size: 1000 } });
  await send(`POST ${path}`);
  await send(`POST ${path}`, { headers: { 'x-ballast-storage-mib': '10240' } });
  t.same(
    service.invocations.map(({ storageMib }) => storageMib),
    [1000, 10_240],
  );
  for (const size of ['0', '511', '10241', '-1', '1.5', 'auto', '']) {
    const answer = await send(`POST ${path}`, { headers: { 'x-ballast-storage-mib': size } });
    const message = new RegExp(`x-ballast-storage-mib is '${size}'.*from 512 to 10240 `);
    isLambdaError(t, answer, [400, parameter, message]);
  }
  t.equal(service.invocations.length, 2);
});

t.test('invocation types', async (t) => {
  const { create, send, service } = await openBench(t);
  await create();
  const typed = (type: string) =>
    send(`POST ${path}`, { headers: { 'x-amz-invocation-type': type } });
  const dry = await typed('DryRun');
  t.same([dry.statusCode, dry.body], [204, '']);
  t.equal(service.invocations.length, 0);
  t.equal((await typed('RequestResponse')).statusCode, 200);
  isLambdaError(t, await typed('Event'), [501, 'ServiceException', /not offered yet/]);
  isLambdaError(t, await typed('Other'), [400, parameter, /is 'Other'/]);
  const nobody = await send(`POST ${functionsPath}/nobody/invocations`);
  isLambdaError(t, nobody, [404, 'ResourceNotFoundException', /nobody/]);
});

t.test('the client context is JSON on one line', async (t) => {
  const { create, send, service } = await openBench(t);
  await create();
  const withContext = (bytes: Buffer | string) => {
    const value = Buffer.from(bytes).toString('base64');
    return send(`POST ${path}`, { headers: { 'x-amz-client-context': value } });
  };
  t.equal((await withContext('{\r\n"a": "é\\n"}')).statusCode, 200);
  t.equal(service.invocations[0]?.clientContext, '{  "a": "é\\n"}');
  for (const bytes of ['{', '', Buffer.from([0x22, 0xff, 0x22])]) {
    isLambdaError(t, await withContext(bytes), [400, content, /X-Amz-Client-Context is not/]);
  }
});

t.test('the log comes with Tail only', async (t) => {
  const { create, send } = await openBench(t);
  await create();
  const typed = (type: string) => send(`POST ${path}`, { headers: { 'x-amz-log-type': type } });
  const tail = Buffer.from(
    String((await typed('Tail')).headers['x-amz-log-result']),
    'base64',
  ).toString();
  t.match(tail, /^START RequestId: [0-9a-f-]{36} Version: \$LATEST\nhello\nEND RequestId: /);
  t.notOk('x-amz-log-result' in (await typed('None')).headers);
  isLambdaError(t, await typed('All'), [400, parameter, /X-Amz-Log-Type is 'All'/]);
});

t.test('a function that fails is a success with a header', async (t) => {
  const { create, send, service } = await openBench(t);
  await create();
  const payload = Buffer.from('{"errorType":"E","errorMessage":"m"}');
  const failure = { kind: 'error', errorType: 'E\r\nx-forged: 1' } as const;
  service.answer = async (request) => resultFor(request, { payload, failure });
  const answer = await send(`POST ${path}`);
  t.match([answer.statusCode, answer.body], [200, payload.toString()]);
  t.equal(answer.headers['x-amz-function-error'], 'Unhandled');
  t.notOk('x-forged' in answer.headers);
});

t.test('what could not run is an error of its kind', async (t) => {
  const { create, send, service } = await openBench(t);
  await create();
  service.answer = async () => {
    throw new BallastError('QUEUE_FULL', 'Too many wait.', { retryAfterSeconds: 7 });
  };
  const full = await send(`POST ${path}`);
  isLambdaError(t, full, [429, 'TooManyRequestsException', /Too many wait/]);
  t.equal(full.headers['retry-after'], '7');
  t.equal(full.json().Reason, 'ConcurrentInvocationLimitExceeded');
  service.answer = async () => {
    throw new BallastError('SHUTTING_DOWN', 'The service stops.');
  };
  isLambdaError(t, await send(`POST ${path}`), [503, 'ServiceException', /stops/]);
});

t.test('a fault of the service is told to its log only', async (t) => {
  const { create, send, service, logLines } = await openBench(t);
  await create();
  service.answer = async () => {
    throw new Error('the secret\nreason');
  };
  const answer = await send(`POST ${path}`);
  isLambdaError(t, answer, [500, 'ServiceException', /under the id/]);
  t.notMatch(answer.body, /secret/);
  const line = logLines.find((one) => one.includes('the secret'));
  t.equal(JSON.parse(line ?? '{}').reqId, answer.headers['x-amzn-requestid']);
});

t.test('an instance of a revision that was replaced meanwhile is retired', async (t) => {
  const { create, send, service } = await openBench(t);
  await create();
  const configuration = `PUT ${functionsPath}/hello/configuration`;
  for (const fails of [false, true]) {
    let latest = '';
    service.answer = async (request) => {
      latest = (await send(configuration, { body: { Timeout: 5 } })).json().RevisionId;
      service.retired.length = 0;
      if (fails) throw new BallastError('INSTANCE_LOST', 'It is gone.');
      return resultFor(request);
    };
    await send(`POST ${path}`);
    t.same(service.retired, [['hello', latest, '$LATEST']], fails ? 'failed' : 'answered');
  }
  service.answer = async (request) => {
    await send(`DELETE ${functionsPath}/hello`);
    service.retired.length = 0;
    return resultFor(request);
  };
  t.equal((await send(`POST ${path}`)).statusCode, 200);
  t.same(service.retired, [['hello', null, undefined]]);
});

t.test('a client that goes away takes its invocation with it', async (t) => {
  const { app, create, service } = await openBench(t);
  await create();
  await app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const call = httpRequest({ port, host: '127.0.0.1', path, method: 'POST' });
  call.on('error', () => {});
  const aborted = new Promise<void>((resolve) => {
    service.answer = async (request) => {
      call.destroy();
      if (request.signal !== undefined) await once(request.signal, 'abort');
      resolve();
      throw new BallastError('CLIENT_GONE', 'The client has gone.');
    };
  });
  call.end();
  await aborted;
  t.equal(service.invocations[0]?.signal?.aborted, true);
});

t.test('the signal of one that stays is not aborted', async (t) => {
  const { app, create, service } = await openBench(t);
  await create();
  const address = await app.listen({ host: '127.0.0.1', port: 0 });
  const answer = await fetch(`${address}${path}`, { method: 'POST' });
  t.equal(await answer.text(), '{}');
  await app.close();
  t.equal(service.invocations[0]?.signal?.aborted, false);
});

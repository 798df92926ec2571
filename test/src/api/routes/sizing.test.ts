import t from 'tap';
import { isPlainError, openBench } from '../harness.js';

const sizing = {
  needs: [{ upToMib: 201, count: 40 }],
  samples: 40,
  recommendedMib: 201,
  confidence: 0.33,
};

t.test('what a function needs is told, and a size', async (t) => {
  const { create, send, service } = await openBench(t);
  await create('hello', { MemorySize: 512 });
  const path = 'GET /v1/functions/hello/memory';
  const unknown = { functionName: 'hello', memoryMib: 512, recommendedMib: null, samples: 0 };
  t.same((await send(path)).json(), { ...unknown, confidence: 0, needs: [] });
  service.sizings.set('hello', sizing);
  t.same((await send(path)).json(), { functionName: 'hello', memoryMib: 512, ...sizing });
});

t.test('of a function that there is', async (t) => {
  const { send } = await openBench(t);
  const answer = await send('GET /v1/functions/nobody/memory');
  isPlainError(t, answer, [404, 'FUNCTION_NOT_FOUND', /nobody/]);
});

t.test('an invocation asks for it', async (t) => {
  const { create, send, service } = await openBench(t);
  await create('hello', { MemorySize: 512 });
  const invoke = async () => {
    const headers = { 'x-ballast-memory-mib': 'auto' };
    await send('POST /2015-03-31/functions/hello/invocations', { headers });
    return service.invocations.at(-1)?.requestedMib;
  };
  t.equal(await invoke(), 512, "the function's own size, while nothing is known");
  service.sizings.set('hello', sizing);
  t.equal(await invoke(), 201);
});

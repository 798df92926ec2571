import t from 'tap';
import { isPlainError, openBench } from '../harness.js';

t.test('templates are made when they are asked for, and told', async (t) => {
  const { send } = await openBench(t);
  t.same((await send('GET /v1/templates')).json(), { templates: [] });
  const made = await send('PUT /v1/templates/python3.11');
  t.equal(made.statusCode, 200);
  t.match(made.json(), {
    of: 'python3.11',
    kind: 'runtime',
    state: 'ready',
    memoryMib: 121,
    buildMs: 5000,
    readyShells: 1,
  });
  await send('PUT /v1/templates/nodejs20.x');
  const { templates } = (await send('GET /v1/templates')).json();
  t.match(templates, [made.json(), { of: 'nodejs20.x' }]);
  t.same((await send('PUT /v1/templates/python3.11')).json(), made.json(), 'once is enough');
});

t.test('a runtime that the image does not have is named, with those that it has', async (t) => {
  const { send } = await openBench(t);
  for (const [path, shown] of [
    ['cobol85', /'cobol85'.*nodejs20\.x, python3\.11/],
    ['..%2fpython3.11', /python3\.11/],
  ] as const) {
    const answer = await send(`PUT /v1/templates/${path}`);
    isPlainError(t, answer, [400, 'INVALID_RUNTIME', shown]);
  }
  t.same((await send('GET /v1/templates')).json(), { templates: [] });
});

t.test('one that cannot be made says why', async (t) => {
  const { send, templates } = await openBench(t);
  templates.failing = 'python3.11';
  const answer = await send('PUT /v1/templates/python3.11');
  isPlainError(t, answer, [500, 'TEMPLATE_FAILED', /python3\.11.*the guest panicked/]);
});

t.test('a function can be had of nothing but what there is', async (t) => {
  const { send } = await openBench(t);
  for (const what of ['POST /v1/templates', 'DELETE /v1/templates/python3.11']) {
    t.equal((await send(what)).statusCode, 404, what);
  }
});

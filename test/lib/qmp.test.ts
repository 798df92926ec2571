import t from 'tap';
import { QmpError } from '../../lib/index.js';
import { fromQmpText, toQmpText } from '../../lib/qmp.js';

t.test('a command without arguments is sent without any', async (t) => {
  t.equal(toQmpText('query-status', {}), '{"execute":"query-status"}');
  t.equal(
    toQmpText('qom-get', { path: '/machine', property: 'dumpdtb' }),
    '{"execute":"qom-get","arguments":{"path":"/machine","property":"dumpdtb"}}',
  );
});

t.test('a command has to have a name', async (t) => {
  for (const name of ['', 7, null]) {
    t.throws(() => toQmpText(name as string, {}), {
      name: 'TypeError',
      message: `command must be the name of a QMP command, not ${JSON.stringify(name)}`,
    });
  }
});

t.test('arguments have to be an object', async (t) => {
  const wanted = "args of qom-get must be an object by the arguments' names";
  for (const args of [null, 7, '/machine', ['/machine']]) {
    t.throws(() => toQmpText('qom-get', args as never), {
      name: 'TypeError',
      message: `${wanted}, not ${JSON.stringify(args)}`,
    });
  }
});

t.test('an answer is what the monitor returned, or its error', async (t) => {
  t.same(fromQmpText('query-status', '{"return":{"running":true}}'), { running: true });
  t.equal(fromQmpText('stop', '{}'), undefined);
  const refusal = '{"error":{"class":"DeviceNotFound","desc":"no such device"}}';
  const expected = new QmpError('qom-get', 'DeviceNotFound', 'no such device');
  t.throws(() => fromQmpText('qom-get', refusal), expected);
  t.throws(
    () => fromQmpText('stop', '{"error":{}}'),
    new QmpError('stop', 'GenericError', 'QEMU gave no description'),
  );
});

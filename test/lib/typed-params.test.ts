import t from 'tap';
import { memoryLimitsSchema } from '../../lib/param-schemas.js';
import { fromParams, nestParams, toParams } from '../../lib/typed-params.js';

t.test('what is given becomes fields with their types', async (t) => {
  t.same(toParams(memoryLimitsSchema, { hardLimitKib: 5, softLimitKib: undefined }), [
    ['hard_limit', 4, 5],
  ]);
  t.throws(() => toParams(memoryLimitsSchema, { limit: 5 } as never), RangeError);
});

t.test('what is known of the answer is named, and the rest left out', async (t) => {
  const params = { hard_limit: 5, soft_limit: null, unheard_of: 1 };
  t.same(fromParams(memoryLimitsSchema, params), { hardLimitKib: 5 });
});

t.test('dots nest, and numbers make lists whose items know them', async (t) => {
  const params = {
    'block.count': 2,
    'block.0.name': 'vda',
    'block.0.rd.bytes': 7,
    'block.2.name': 'vdc',
    'iothread.1.poll-max-ns': 3,
  };
  t.same(nestParams(params), {
    block: {
      count: 2,
      items: [
        { index: 0, name: 'vda', rd: { bytes: 7 } },
        { index: 2, name: 'vdc' },
      ],
    },
    iothread: { items: [{ index: 1, pollMaxNs: 3 }] },
  });
});

t.test('a field with a value and fields below it keeps both', async (t) => {
  t.same(nestParams({ a: 1, 'a.b': 2 }), { a: { value: 1, b: 2 } });
  t.same(nestParams({ 'a.b': 2, a: 1 }), { a: { b: 2, value: 1 } });
});

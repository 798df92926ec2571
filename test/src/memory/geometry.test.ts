import fc from 'fast-check';
import t from 'tap';
import { blockMib, coveredBy, floorFor, pluggedFor } from '../../../src/memory/geometry.js';

t.test('a floor covers the size that it was made for', async (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 20_480 }), (maxMib) => {
      const blocks = Math.floor(maxMib / blockMib) * blockMib;
      return coveredBy(floorFor(blocks)) >= blocks;
    }),
  );
  t.pass();
});

t.test('a floor has room for the page structures: 64 bytes for each page of 4096', async (t) => {
  for (const maxMib of [128, 2048, 10_240]) {
    t.ok(floorFor(maxMib) >= 128 + maxMib / 64, `${maxMib} MiB`);
  }
});

t.test('what is plugged is the next whole block', async (t) => {
  t.equal(pluggedFor(128), 128);
  t.equal(pluggedFor(129), 130);
  t.equal(pluggedFor(10_239), 10_240);
});

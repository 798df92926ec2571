import t from 'tap';
import { readMarker, writeMarker } from '../../../src/api/marker.js';

t.test('a marker comes back as it went', async (t) => {
  for (const text of ['hello:$LATEST', '12', 'a-b_c:3']) {
    t.match(writeMarker(text), /^[\w-]+$/, 'it needs no escape in a URL');
    t.equal(readMarker(writeMarker(text)), text);
  }
  t.equal(readMarker(undefined), null);
  t.equal(readMarker(''), null);
});

t.test('what is no marker is quoted', async (t) => {
  for (const marker of ['*', 'aGVsbG8=', 'a b']) {
    const message = `Marker is '${marker}', which is not the NextMarker`;
    t.throws(() => readMarker(marker), { code: 'INVALID_PARAMETER', message });
  }
});

import fc from 'fast-check';
import t from 'tap';
import { decodeZipFile } from '../../../src/api/zipFile.js';

t.test('whatever was encoded is decoded, with padding or without', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const base64 = Buffer.from(bytes).toString('base64');
      const bare = base64.replace(/=+$/, '');
      return [base64, bare].every((text) => decodeZipFile(text).equals(bytes));
    }),
  );
  t.pass();
});

t.test('what is not base64 is refused, not skipped', async (t) => {
  for (const text of [
    'not base64!',
    'AAAA\nAAAA',
    'AAAA\r\nAAAA',
    ' AAAA',
    'AAAA!',
    'A',
    'AAAA=AAAA',
    'AAéA',
    'AA\0A',
  ]) {
    t.throws(
      () => decodeZipFile(text),
      { code: 'INVALID_PARAMETER', message: /ZipFile is not base64: its \d+ characters hold \d+/ },
      text,
    );
  }
});

import t from 'tap';
import {
  parseEphemeralMib,
  parseMemoryMib,
  parseTimeoutSeconds,
} from '../../../src/cli/numbers.js';

t.test('whole numbers in their range are taken', async (t) => {
  t.equal(parseMemoryMib('128'), 128);
  t.equal(parseMemoryMib('10240'), 10_240);
  t.equal(parseEphemeralMib('512'), 512);
  t.equal(parseTimeoutSeconds('900'), 900);
});

t.test('anything else is refused, with what is allowed', async (t) => {
  const message = 'Allowed: whole MiB from 128 to 10240.';
  const texts = ['', ' 256', '256 ', '1e3', '1.5', '0x100', '+256', '-1', '0256', 'abc', '٢٥٦'];
  for (const text of [...texts, '0', '127', '10241', '99999999999999999999', '256MiB']) {
    t.throws(() => parseMemoryMib(text), { message }, text);
  }
  t.throws(() => parseEphemeralMib('511'), { message: /512 to 10240/ });
  t.throws(() => parseTimeoutSeconds('0'), { message: /seconds from 1 to 900/ });
});

import t from 'tap';
import { sendPlainError } from '../../../../src/api/errors/plain.js';
import { BallastError } from '../../../../src/model/errors.js';
import { answerTo } from './shapes.js';

t.test('an error has its code, its words and its status', async (t) => {
  const error = new BallastError('INSTANCE_NOT_FOUND', 'There is no i-1.');
  const { status, headers, body } = await answerTo(error, sendPlainError);
  t.equal(status, 404);
  t.same(body, { error: { code: 'INSTANCE_NOT_FOUND', message: 'There is no i-1.' } });
  t.notOk('retry-after' in headers);
});

t.test('facts for machines, and when to try again, come along', async (t) => {
  const details = { pluggedMib: 128 };
  const error = new BallastError('MEMORY_HELD', 'Held.', { details, retryAfterSeconds: 0 });
  const { status, headers, body } = await answerTo(error, sendPlainError);
  t.equal(status, 409);
  t.same(body, { error: { code: 'MEMORY_HELD', message: 'Held.', details } });
  t.equal(headers['retry-after'], '0');
});

t.test('what nobody foresaw is INTERNAL', async (t) => {
  const { status, body } = await answerTo(new Error('secret'), sendPlainError);
  t.equal(status, 500);
  t.match(body, { error: { code: 'INTERNAL' } });
  t.notMatch(body.error.message, 'secret');
});

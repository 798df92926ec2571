import t from 'tap';
import { sendLambdaError } from '../../../../src/api/errors/lambda.js';
import { BallastError, type ErrorCode, errorCatalogue } from '../../../../src/model/errors.js';
import { answerTo } from './shapes.js';

const codes = Object.keys(errorCatalogue) as ErrorCode[];

t.test('every error of the catalogue has the type that the clients read', async (t) => {
  for (const code of codes) {
    const { status, headers, body } = await answerTo(
      new BallastError(code, 'why'),
      sendLambdaError,
    );
    const { status: expected, lambdaType, fault } = errorCatalogue[code];
    t.equal(status, expected, code);
    t.equal(headers['x-amzn-errortype'], lambdaType, code);
    t.equal(body.Type, fault, code);
    const isCapital = ['ResourceNotFoundException', 'ServiceException'].includes(lambdaType);
    t.equal(body[isCapital ? 'Message' : 'message'], 'why', code);
    t.notOk((isCapital ? 'message' : 'Message') in body, code);
  }
});

const reasons: Partial<Record<ErrorCode, string>> = {
  UPLOADS_FULL: 'CallerRateLimitExceeded',
  CONCURRENCY_EXCEEDED: 'ReservedFunctionConcurrentInvocationLimitExceeded',
};

t.test('only what is throttled has a reason, and may say when to try again', async (t) => {
  for (const code of codes) {
    const error = new BallastError(code, 'why', { retryAfterSeconds: 7 });
    const { headers, body } = await answerTo(error, sendLambdaError);
    const isThrottled = errorCatalogue[code].status === 429;
    const reason = reasons[code] ?? 'ConcurrentInvocationLimitExceeded';
    t.equal(body.Reason, isThrottled ? reason : undefined, code);
    t.equal(headers['retry-after'], '7', code);
  }
  const { headers } = await answerTo(new BallastError('QUEUE_FULL', 'why'), sendLambdaError);
  t.notOk('retry-after' in headers);
});

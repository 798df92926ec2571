/** Calls a handler in either of its styles: it returns a promise, or it calls back. */

/**
 * @returns {Promise<unknown>} what the handler answers. Where it called back and
 * `callbackWaitsForEmptyEventLoop` stands, it settles once nothing is left to wait for.
 */
export function callHandler(handler, event, context) {
  return new Promise((resolve, reject) => {
    const settle = (error, result) => {
      if (error === undefined || error === null) resolve(result);
      else reject(error);
    };
    // A handler that never calls back answers null when its event loop is empty, as Lambda does.
    let answer = [null, null];
    const onEmpty = () => settle(...answer);
    const finish = (error, result) => {
      answer = [error, result];
      if (context.callbackWaitsForEmptyEventLoop && !error) return;
      process.removeListener('beforeExit', onEmpty);
      settle(error, result);
    };
    context.done = finish;
    context.succeed = (result) => finish(null, result);
    context.fail = (error) => finish(error ?? new Error('the handler failed without an error'));
    process.once('beforeExit', onEmpty);
    let returned;
    try {
      returned = handler(event, context, finish);
    } catch (error) {
      returned = Promise.reject(error);
    }
    if (typeof returned?.then === 'function') {
      returned.then(
        (result) => {
          process.removeListener('beforeExit', onEmpty);
          resolve(result);
        },
        (error) => {
          process.removeListener('beforeExit', onEmpty);
          reject(error);
        },
      );
    }
  });
}

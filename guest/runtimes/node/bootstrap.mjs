/** The runtime client for Node: loads the handler, then serves one invocation after the other. */

import { callHandler } from './call.mjs';
import { createContext } from './context.mjs';
import { errorBody, errorType } from './errors.mjs';
import { loadHandler } from './handler.mjs';
import { settleMemory } from './memory.mjs';
import { RuntimeApi } from './runtimeApi.mjs';

const api = new RuntimeApi(process.env.AWS_LAMBDA_RUNTIME_API);
let initialised = false;
let requestId = null;

// Writing waits for the reader: output neither piles up in the heap nor comes after the answer.
for (const stream of [process.stdout, process.stderr]) stream._handle?.setBlocking?.(true);

/** What only a process needs whose machine is copied; it takes a new one a while to load. */
const snapshot = () => import('./snapshot.mjs');

/** Reports what nobody caught, then ends the process: its state can no longer be trusted. */
async function die(error) {
  process.stderr.write(`${error?.stack ?? error}\n`);
  try {
    // Between two invocations there is nobody to tell.
    if (requestId !== null || !initialised) {
      await api.postError(requestId, errorType(error), errorBody(error));
    }
  } finally {
    process.exit(1);
  }
}

async function serveOne(handler) {
  const { payload, headers } = await api.next();
  requestId = headers['lambda-runtime-aws-request-id'];
  const context = createContext(headers, process.env);
  try {
    const event = JSON.parse(payload.toString('utf8'));
    const result = await callHandler(handler, event, context);
    // What cannot be written as JSON is the handler's error. Undefined is written as null.
    const body = JSON.stringify(result === undefined ? null : result) ?? 'null';
    settleMemory();
    await api.postResponse(requestId, body);
  } catch (error) {
    process.stderr.write(`${error?.stack ?? error}\n`);
    await api.postError(requestId, errorType(error), errorBody(error));
  }
  requestId = null;
}

process.on('uncaughtException', die);
process.on('unhandledRejection', (reason) => {
  const error = new Error(reason instanceof Error ? reason.toString() : String(reason));
  error.name = 'Runtime.UnhandledPromiseRejection';
  if (reason instanceof Error) error.stack = reason.stack;
  die(error);
});

try {
  // Started without a function, for a template: it waits for the one that it will serve.
  if (process.env._HANDLER === undefined) await (await snapshot()).awaitStart(api);
  const isSnapshotted = process.env.AWS_LAMBDA_INITIALIZATION_TYPE === 'snap-start';
  // Before the function takes what it is to draw numbers from.
  if (isSnapshotted) (await snapshot()).replaceMathRandom();
  const handler = await loadHandler(process.env.LAMBDA_TASK_ROOT, process.env._HANDLER);
  if (isSnapshotted) await (await snapshot()).awaitRestore(api);
  initialised = true;
  for (;;) await serveOne(handler);
} catch (error) {
  await die(error);
}

/**
 * What a process does whose machine is copied while it waits: before its function is known, or once
 * it has initialised. Each copy goes on by itself, and must not draw the random numbers of another.
 */
import { createRequire } from 'node:module';
import { callHandler } from './call.mjs';
import { createContext } from './context.mjs';
import { errorBody, errorType } from './errors.mjs';
import { loadHandler } from './handler.mjs';
import { renewRandomness, replaceMathRandom } from './randomness.mjs';

export { replaceMathRandom };

/** As Lambda's runtimes have it: what failed can be told from the status. */
const afterRestoreStatus = 65;

const warmRoot = new URL('./warm', import.meta.url).pathname;

/** That of the image's root, which functions find too. */
const hooks = createRequire(import.meta.url)('snapshot-restore');

/** Waits for the function that this process is to serve, and becomes its process. */
export async function awaitStart(api) {
  await warmUp(api);
  const { environment, directory } = await api.start();
  takeEnvironment(environment);
  process.chdir(directory);
  replaceMathRandom();
  renewRandomness({ isUsed: false });
}

/** Runs the function's hooks around the snapshot of its machine, and waits in between. */
export async function awaitRestore(api) {
  for (const { hook, args } of hooks.beforeSnapshot().reverse()) await hook(...args);
  const { environment } = await api.restore();
  takeEnvironment(environment);
  renewRandomness({ isUsed: true });
  try {
    for (const { hook, args } of hooks.afterRestore()) await hook(...args);
  } catch (error) {
    process.stderr.write(`${error?.stack ?? error}\n`);
    await api.postRestoreError(errorType(error), errorBody(error));
    process.exit(afterRestoreStatus);
  }
}

/**
 * Speaks to the agent, and loads and calls a handler of each kind, so that a copy of this process
 * has compiled the way.
 */
async function warmUp(api) {
  await api.postNothing();
  for (const name of ['module.handler', 'script.handler']) {
    const handler = await loadHandler(warmRoot, name);
    const headers = { 'lambda-runtime-deadline-ms': String(Date.now()) };
    const context = createContext(headers, process.env);
    JSON.stringify(await callHandler(handler, JSON.parse('{"warm":true}'), context));
  }
}

function takeEnvironment(environment) {
  for (const name of Object.keys(process.env)) {
    if (!(name in environment)) delete process.env[name];
  }
  Object.assign(process.env, environment);
}

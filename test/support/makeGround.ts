/**
 * Makes what tests share (`sharedGround.ts`): has a service make the templates of all runtimes, and
 * prints its state directory, which is the caller's to remove.
 */
import {
  makeStateDir,
  removeStateDir,
  type ServiceProcess,
  startService,
  testBudgetMib,
} from './serviceProcess.js';

const stateDir = await makeStateDir();
try {
  await makeTemplates();
} catch (error) {
  await removeStateDir(stateDir);
  throw error;
}
process.stdout.write(`${stateDir}\n`);

async function makeTemplates(): Promise<void> {
  const service = await startService(stateDir, {
    BALLAST_MEMORY_MIB: String(testBudgetMib),
    BALLAST_START: 'clone',
    BALLAST_MAX_SHELLS: '0',
  });
  try {
    for (const name of await runtimesOf(service)) {
      const response = await fetch(`${service.endpoint}/v1/templates/${name}`, { method: 'PUT' });
      if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    }
  } finally {
    await service.stop();
  }
}

async function runtimesOf({ endpoint }: ServiceProcess): Promise<readonly string[]> {
  const host = (await (await fetch(`${endpoint}/v1/host`)).json()) as {
    readonly runtimes: readonly { readonly name: string }[];
  };
  return host.runtimes.map(({ name }) => name);
}

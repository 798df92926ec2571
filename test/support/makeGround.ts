/**
 * Makes what tests share (`sharedGround.ts`): has a service make the templates of all runtimes, and
 * prints its state directory, which is the caller's to remove.
 */
import { runCli } from '../src/cli/runCli.js';
import { makeStateDir, removeStateDir, startService, testBudgetMib } from './serviceProcess.js';

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
    const env = { BALLAST_ENDPOINT: service.endpoint };
    const { code, stderr } = await runCli(['template', 'build'], { env });
    if (code !== 0) throw new Error(stderr);
  } finally {
    await service.stop();
  }
}

/** The command that runs the service, killed: the service must not outlive it. */
import t from 'tap';
import { RunningCli } from '../src/cli/runCli.js';
import { makeStateDir, removeStateDir, startService } from '../support/serviceProcess.js';

t.setTimeout(180_000);

for (const [moment, line] of [
  ['while the service starts', 'virtual machines run under'],
  ['when the service runs', 'listening at'],
] as const) {
  t.test(`a command that is killed ${moment} takes it along`, async (t) => {
    const stateDir = await makeStateDir();
    t.teardown(() => removeStateDir(stateDir));
    const env = { BALLAST_STATE_DIR: stateDir, BALLAST_LISTEN: '127.0.0.1:0' };
    const cli = new RunningCli(['serve'], { env });
    await cli.complained(line);
    cli.child.kill('SIGKILL');
    // Standard error, which the service has from the command, is closed when both have ended.
    const { stderr } = await cli.finish();
    t.match(stderr, /"reason":"the command that started it is gone"/);
    t.notMatch(stderr, /"level":[56]0/);
    const next = await startService(stateDir, { BALLAST_MEMORY_MIB: '999999999' });
    t.equal(await next.stop(), 0, 'the state directory is free');
    t.match(next.log(), /"level":40.*BALLAST_MEMORY_MIB is more than the host has/);
    t.notMatch(next.log(), /"name":.*"name":/, 'a line of the log says nothing twice');
  });
}

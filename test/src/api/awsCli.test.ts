/** The official command line, against the service as it listens. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { listen } from '../../../src/api/index.js';
import { type Bench, helloZip, openBench } from './harness.js';

const run = promisify(execFile);

/** Nothing of the user's own configuration, and no service of the cloud to ask for credentials. */
const environment = {
  PATH: '/usr/bin:/bin',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 's',
  AWS_REGION: 'us-east-1',
  AWS_DEFAULT_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_MAX_ATTEMPTS: '1',
  AWS_PAGER: '',
  LC_ALL: 'C.UTF-8',
};

const command = ['/usr/bin/aws', 'aws'].find(
  (one) => spawnSync(one, ['--version'], { env: environment }).status === 0,
);
const skip = command === undefined ? 'there is no aws command: install the package awscli' : false;

interface Cli extends Bench {
  readonly directory: string;
  aws(...args: readonly string[]): Promise<Record<string, unknown>>;
}

async function openCli(t: Test): Promise<Cli> {
  const bench = await openBench(t);
  const endpoint = await listen(bench.app, { kind: 'tcp', host: '127.0.0.1', port: 0 });
  const directory = await mkdtemp(join(tmpdir(), 'ballast-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const aws = async (...args: readonly string[]) => {
    const given = ['lambda', ...args, '--endpoint-url', endpoint, '--output', 'json'];
    const { stdout } = await run(command ?? '', given, {
      env: { ...environment, HOME: directory },
      timeout: 60_000,
    });
    return stdout.trim() === '' ? {} : JSON.parse(stdout);
  };
  return { ...bench, directory, aws };
}

t.test('a function from its creation to its end', { skip }, async (t) => {
  const { aws, directory } = await openCli(t);
  const zip = join(directory, 'code.zip');
  await writeFile(zip, helloZip);
  const named = ['--function-name', 'hello'];
  const role = 'arn:aws:iam::000000000000:role/r';
  const made = ['--runtime', 'nodejs20.x', '--handler', 'index.handler', '--role', role];
  const created = await aws('create-function', ...named, ...made, '--zip-file', `fileb://${zip}`);
  t.match(created, { FunctionName: 'hello', MemorySize: 128, State: 'Active' });
  await aws('wait', 'function-active-v2', ...named);
  t.match(await aws('list-functions'), { Functions: [{ FunctionName: 'hello' }] });
  const arn = ['--function-name', String(created.FunctionArn)];
  t.match(await aws('get-function', ...arn), { Configuration: created });
  const updated = await aws('update-function-configuration', ...named, '--memory-size', '256');
  t.equal(updated.MemorySize, 256);
  await aws('update-function-code', ...named, '--zip-file', `fileb://${zip}`);
  await aws('delete-function', ...named);
  t.match(await aws('list-functions'), { Functions: [] });
});

t.test('a version from its publication to its end', { skip }, async (t) => {
  const { aws, create, directory } = await openCli(t);
  const created = await create();
  const named = ['--function-name', 'hello'];
  const applied = ['--snap-start', 'ApplyOn=PublishedVersions'];
  await aws('update-function-configuration', ...named, ...applied);
  const sha = ['--code-sha256', String(created.CodeSha256)];
  const one = await aws('publish-version', ...named, '--description', 'the first', ...sha);
  t.match(one, { Version: '1', Description: 'the first', SnapStart: { OptimizationStatus: 'On' } });
  await aws('wait', 'published-version-active', ...named, '--qualifier', '1');
  const listed = await aws('list-versions-by-function', ...named, '--page-size', '1');
  t.match(listed, { Versions: [{ Version: '$LATEST' }, { Version: '1', State: 'Active' }] });
  const out = join(directory, 'answer.json');
  const answer = await aws('invoke', '--function-name', String(one.FunctionArn), out);
  t.equal(answer.ExecutedVersion, '1');
  t.match(await aws('get-function', ...named, '--qualifier', '1'), {
    Configuration: { FunctionArn: one.FunctionArn, State: 'Active' },
  });
  await aws('delete-function', ...named, '--qualifier', '1');
  t.match(await aws('list-versions-by-function', ...named), { Versions: { length: 1 } });
});

t.test('an invocation, and what is refused', { skip }, async (t) => {
  const { aws, create, directory } = await openCli(t);
  await create();
  const out = join(directory, 'answer.json');
  const raw = ['--cli-binary-format', 'raw-in-base64-out', '--log-type', 'Tail'];
  const invoke = (name: string, payload: string) =>
    aws('invoke', '--function-name', name, '--payload', payload, ...raw, out);
  const answer = await invoke('hello', '{"a":1}');
  t.match(answer, { StatusCode: 200, ExecutedVersion: '$LATEST', LogResult: /./ });
  t.equal(await readFile(out, 'utf8'), '{"a":1}');
  const refusal = (name: string, payload: string) =>
    invoke(name, payload).then(
      () => 'no refusal',
      (error: { readonly stderr: string }) => error.stderr,
    );
  t.match(await refusal('nobody', '{}'), /\(ResourceNotFoundException\).*nobody/s);
  t.match(await refusal('hello', '{'), /\(InvalidRequestContentException\)/);
});

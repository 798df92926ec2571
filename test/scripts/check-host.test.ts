import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import t, { type Test } from 'tap';

const minimum = '20.19';

/** Runs the check where `node` says that it is of this version, as npm is there too. */
function checkWith(t: Test, version: string) {
  const bin = t.testdir({ node: `#!/bin/sh\necho ${version}\n`, npm: '#!/bin/sh\n' });
  for (const name of ['node', 'npm']) chmodSync(`${bin}/${name}`, 0o755);
  const { status, stderr } = spawnSync(resolve('scripts/check-host.sh'), {
    env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    encoding: 'utf8',
  });
  return { status, stderr };
}

t.test('a Node.js that is too old is refused, with what is needed', async (t) => {
  for (const version of ['18.20.4', '20.9.0', '20.11.0', '20.18.3']) {
    t.match(checkWith(t, version), {
      status: 1,
      stderr: new RegExp(`is Node\\.js ${version}\\.\\n.*needs Node\\.js ${minimum} or later`),
    });
  }
});

t.test('a Node.js that is new enough passes without a word', async (t) => {
  for (const version of [`${minimum}.0`, '20.20.2', '22.12.0', '100.0.0']) {
    t.same(checkWith(t, version), { status: 0, stderr: '' }, version);
  }
});

t.test('the documents name the same version', async (t) => {
  for (const name of ['README.md', 'CONTRIBUTING.md']) {
    t.match(readFileSync(name, 'utf8'), `Node.js ${minimum} or later`, name);
  }
});

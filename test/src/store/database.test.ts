/** State directories that an earlier ballast wrote. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import t from 'tap';
import { openStore } from '../../../src/store/index.js';
import { settingsOf } from './functionSettings.js';
import { zipOf } from './zips.js';

const zip = await zipOf([{ name: 'index.mjs', bytes: 'a' }]);

/** The schema before there were versions. */
const schema = `
  CREATE TABLE functions (
    function_name TEXT PRIMARY KEY, revision_id TEXT NOT NULL, runtime TEXT NOT NULL,
    handler TEXT NOT NULL, role TEXT NOT NULL, description TEXT NOT NULL,
    memory_mib INTEGER NOT NULL, ephemeral_mib INTEGER NOT NULL, timeout_seconds INTEGER NOT NULL,
    environment TEXT NOT NULL, code_sha256 TEXT NOT NULL, zip_bytes INTEGER NOT NULL,
    last_modified TEXT NOT NULL
  ) STRICT;
  CREATE INDEX functions_by_code ON functions (code_sha256);
  CREATE TABLE needs (function_name TEXT PRIMARY KEY, needs TEXT NOT NULL) STRICT;
  PRAGMA user_version = 2;`;

t.test('functions from before there were versions are kept, and can be published', async (t) => {
  const directory = t.testdir();
  // The code as it lies on the disk is the same then and now.
  const made = await openStore({ directory });
  const { code } = await made.create(settingsOf('old'), zip);
  made.close();
  const path = join(directory, 'store/ballast.sqlite');
  const before = new Database(path);
  before.exec('DROP TABLE functions; DROP TABLE publications; DROP TABLE needs;');
  before.exec(schema);
  before
    .prepare(
      `INSERT INTO functions VALUES ('old', 'revision', 'nodejs20.x', 'index.handler', 'role',
       'words', 256, 600, 9, '{"STAGE":"x"}', ?, ?, '2026-01-31T12:00:00.000+0000')`,
    )
    .run(code.sha256, code.zipBytes);
  before.prepare(`INSERT INTO needs VALUES ('old', '[{"upToMib":128,"count":3}]')`).run();
  before.close();

  const store = await openStore({ directory });
  t.teardown(() => store.close());
  const old = store.get('old');
  t.same(old, {
    functionName: 'old',
    version: '$LATEST',
    revisionId: 'revision',
    runtime: 'nodejs20.x',
    handler: 'index.handler',
    role: 'role',
    description: 'words',
    memoryMib: 256,
    ephemeralMib: 600,
    timeoutSeconds: 9,
    environment: { STAGE: 'x' },
    snapStart: 'None',
    state: { kind: 'active' },
    code,
    lastModified: '2026-01-31T12:00:00.000+0000',
  });
  t.same(await store.readZip('old'), zip);
  t.same(store.needs.load(), new Map([['old', [{ upToMib: 128, count: 3 }]]]));
  t.equal(store.publish('old').version, '1');
  t.same(
    store.listVersions('old', null, 9).functions.map(({ version }) => version),
    ['$LATEST', '1'],
  );
});

t.test('a directory that a newer ballast wrote is left alone', async (t) => {
  const directory = t.testdir();
  await mkdir(join(directory, 'store'));
  const newer = new Database(join(directory, 'store/ballast.sqlite'));
  newer.pragma('user_version = 99');
  newer.close();
  const message = /written by a newer ballast \(its schema is 99/;
  await t.rejects(openStore({ directory }), { code: 'STATE_DIRECTORY', message });
});

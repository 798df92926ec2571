/** The package as its users get it: packed, installed in an empty directory, imported there. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { testDirectoryPrefix } from './support/testDirectory.js';
import { root } from './tidy/files.js';

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
}

const readJson = (name: string) => JSON.parse(readFileSync(join(root, name), 'utf8'));

t.setTimeout(120_000);

const directory = await mkdtemp(testDirectoryPrefix);
t.teardown(() => rm(directory, { recursive: true, force: true }));
const installed = join(directory, 'node_modules/ballast');

/** Runs a command in the user's directory and gives what it printed. */
async function run(file: string, args: readonly string[], cwd = directory): Promise<string> {
  const { stdout } = await promisify(execFile)(file, args, { cwd, env: environment() });
  return stdout;
}

/** As `scripts/lib/node-headers.sh`: the headers beside Node.js, where there are some. */
function environment(): NodeJS.ProcessEnv {
  const prefix = dirname(dirname(process.execPath));
  const { BALLAST_LIBVIRT_ADDON, ...inherited } = process.env;
  if (!existsSync(join(prefix, 'include/node/node_api.h'))) return inherited;
  return { ...inherited, npm_config_nodedir: prefix };
}

/**
 * A project that depends on the tarball. Its lock file has the versions of this checkout, so that
 * npm takes them from its cache and asks no registry.
 */
async function writeProject(tarball: string): Promise<void> {
  const { version, dependencies, overrides } = readJson('package.json');
  const { packages } = readJson('package-lock.json') as LockFile;
  const used = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  const resolved = `file:${tarball}`;
  const user = { name: 'user', type: 'module', dependencies: { ballast: resolved }, overrides };
  const locked = {
    lockfileVersion: 3,
    packages: {
      '': user,
      'node_modules/ballast': { version, resolved, dependencies },
      ...Object.fromEntries(used),
    },
  };
  await writeFile(join(directory, 'package.json'), JSON.stringify(user));
  await writeFile(join(directory, 'package-lock.json'), JSON.stringify(locked));
}

t.before(async () => {
  const packed = ['pack', '--ignore-scripts', '--json', '--pack-destination', directory];
  const [{ filename }] = JSON.parse(await run('npm', packed, root));
  await writeProject(filename);
  await run('npm', ['ci', '--ignore-scripts', '--prefer-offline']);
});

t.test('it has what compiling the addon needs', async (t) => {
  const nodeGyp = join(root, 'node_modules/.bin/node-gyp');
  await run(nodeGyp, ['configure'], installed);
  const build = join(installed, 'build');
  t.match(await run('make', ['--dry-run', '-C', build]), 'ballast_libvirt.node');
  // Compiling all of it takes four times as long; this unit has a part of each room.
  const object = 'Release/obj.target/ballast_libvirt/build/units/0.o';
  await run('make', ['-C', build, object]);
  t.ok(existsSync(join(build, object)));
});

t.test('a project that installed it runs an example', async (t) => {
  const addon = 'build/Release/ballast_libvirt.node';
  await mkdir(join(installed, 'build/Release'), { recursive: true });
  await copyFile(join(root, addon), join(installed, addon));
  const example = join(directory, 'list-domains.mjs');
  await copyFile(join(installed, 'examples/libvirt/list-domains.mjs'), example);
  t.match(await run(process.execPath, [example]), /^test: running, /);
});

t.test('a project in TypeScript gets its types', async (t) => {
  const source = `
    import { connect, type Domain, LibvirtError } from 'ballast/libvirt';
    const connection = await connect('test:///default');
    const domain: Domain = await connection.lookupByName('test');
    const { running }: { running: boolean } = await domain.qmp('query-status');
    // @ts-expect-error there is no such event
    connection.events('no-such-event');
    export const code: string | boolean = running || new LibvirtError('', {} as never).code;`;
  await writeFile(join(directory, 'user.ts'), source);
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022'];
  const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
  const tsc = join(root, 'node_modules/.bin/tsc');
  t.equal(await run(tsc, [...options, ...types, 'user.ts']), '');
});

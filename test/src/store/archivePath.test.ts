import fc from 'fast-check';
import t from 'tap';
import { ArchiveRefusal, checkLinks, entryPath, quoted } from '../../../src/store/archivePath.js';

t.test('plain names are taken as they are', async (t) => {
  t.same(entryPath('index.mjs'), ['index.mjs']);
  t.same(entryPath('./lib//a/./b.js'), ['lib', 'a', 'b.js']);
  t.same(entryPath('lib/'), ['lib']);
  t.same(entryPath('..hidden/a..b'), ['..hidden', 'a..b']);
});

t.test('names that leave the root, or that no file system takes, are refused', async (t) => {
  const refused: readonly [string, RegExp][] = [
    ['/etc/passwd', /absolute path/],
    ['C:\\windows', /absolute path/],
    ['../evil', /"\.\."/],
    ['a/../../evil', /"\.\."/],
    ['a/..', /"\.\."/],
    ['a\0b', /NUL/],
    ['n'.repeat(256), /too long/],
    ['n/'.repeat(129), /too long/],
    [`${'n'.repeat(200)}/`.repeat(11), /too long/],
  ];
  for (const [name, message] of refused) {
    t.throws(() => entryPath(name), { name: 'ArchiveRefusal', message }, quoted(name));
  }
});

t.test('a message shows a hostile name bounded and printable', async (t) => {
  const shown = quoted(`\u001b[2J\n${'x'.repeat(5000)}`);
  t.ok(shown.length < 200);
  t.match(shown, /^"\\u001b\[2J\\n/);
});

const parts = fc.constantFrom('a', 'b', 'c', '..', '.', '');

t.test('property: an accepted name never leaves the root', async () => {
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 8 }), (names) => {
      try {
        const path = entryPath(names.join('/'));
        return path.every((part) => part !== '..' && part !== '.' && part !== '');
      } catch (error) {
        return error instanceof ArchiveRefusal;
      }
    }),
  );
});

t.test('links inside the root are fine, dangling ones too', async () => {
  checkLinks(new Map([['bin/tool', '../lib/tool.js']]));
  checkLinks(new Map([['a/b/c', '../../nowhere/else']]));
  checkLinks(
    new Map([
      ['x', 'y'],
      ['y', './z/.'],
    ]),
  );
});

t.test('links that leave the root at any step are refused', async (t) => {
  const refused: readonly [Record<string, string>, RegExp][] = [
    [{ out: '../x' }, /leaves the package/],
    [{ 'a/out': '../../etc' }, /leaves the package/],
    [{ abs: '/etc/passwd' }, /leads to "\/etc\/passwd"/],
    [{ 'a/b': '../c', c: '..' }, /leaves the package/],
    [{ 'd/up': 'e/f', 'd/e': '.', 'd/f': '../..' }, /leaves the package/],
    [{ out: 'a/b/../../../x' }, /leaves the package/],
    [{ x: 'y', y: 'x' }, /has no end/],
    [{ x: 'x' }, /has no end/],
  ];
  for (const [links, message] of refused) {
    const targets = new Map(Object.entries(links));
    t.throws(() => checkLinks(targets), { name: 'ArchiveRefusal', message }, JSON.stringify(links));
  }
});

t.test('links that multiply each other are given up on within a bound', async (t) => {
  const links = new Map<string, string>();
  for (let index = 0; index < 30; index += 1) {
    links.set(`l${index}`, `l${index + 1}/../l${index + 1}`);
  }
  t.throws(() => checkLinks(links), { message: /has no end/ });
});

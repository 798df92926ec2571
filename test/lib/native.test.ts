/** What the addon has and what `lib/` declares of it are the same, name by name. */
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { native } from '../../lib/native.js';
import { testUri } from '../support/testDriver.js';
import { root } from '../tidy/files.js';

/** The members of an interface of `lib/`, those that it inherits included. */
function declaredMembers(file: string, name: string): string[] {
  const path = join(root, 'lib', file);
  const program = ts.createProgram([path], { noEmit: true, module: ts.ModuleKind.NodeNext });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(path);
  const exported = source && checker.getSymbolAtLocation(source)?.exports?.get(name as ts.__String);
  if (exported === undefined) throw new Error(`${file} exports no ${name}`);
  return checker
    .getDeclaredTypeOfSymbol(exported)
    .getProperties()
    .map((member) => member.name)
    .sort();
}

const membersOf = (object: object): string[] =>
  Object.getOwnPropertyNames(Object.getPrototypeOf(object))
    .filter((name) => name !== 'constructor')
    .sort();

t.test('the classes of the addon have the members that lib/ declares, and no other', async (t) => {
  const connection = await native.connect(testUri, 0, 0, false, null, undefined);
  const domain = await connection.lookupByName('test', undefined);
  t.same(membersOf(connection), declaredMembers('native-connection.ts', 'NativeConnection'));
  t.same(membersOf(domain), declaredMembers('native-domain.ts', 'NativeDomain'));
  await connection.close();
});

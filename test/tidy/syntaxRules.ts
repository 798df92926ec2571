import ts from 'typescript';
import type { TextFile, Violation } from './files.js';
import type { Rule } from './textRules.js';

const maxFunctionLines = 60;

type Visit = (node: ts.Node, report: (node: ts.Node, message: string) => void) => void;

/** Walks the syntax tree of the TypeScript files that `applies` picks. */
const perNode =
  (applies: (path: string) => boolean, visit: Visit): Rule =>
  ({ path, text }: TextFile): Violation[] => {
    if (!path.endsWith('.ts') || !applies(path)) return [];
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
    const violations: Violation[] = [];
    const lineOf = (position: number): number =>
      source.getLineAndCharacterOfPosition(position).line + 1;
    const walk = (node: ts.Node): void => {
      visit(node, (at, message) => {
        violations.push({ path, line: lineOf(at.getStart(source)), message });
      });
      ts.forEachChild(node, walk);
    };
    walk(source);
    return violations;
  };

const isProduct = (path: string): boolean => path.startsWith('src/') || path.startsWith('lib/');

const linesOf = (node: ts.Node): number => {
  const source = node.getSourceFile();
  const { line: first } = source.getLineAndCharacterOfPosition(node.getStart(source));
  const { line: last } = source.getLineAndCharacterOfPosition(node.getEnd());
  return last - first + 1;
};

/** A function fits on a screen. */
export const functionLength = perNode(isProduct, (node, report) => {
  if (!ts.isFunctionLike(node) || linesOf(node) <= maxFunctionLines) return;
  report(node, `a function of ${linesOf(node)} lines, at most ${maxFunctionLines}`);
});

const isNamedValue = (
  node: ts.Node,
): node is ts.VariableDeclaration | ts.ParameterDeclaration | ts.PropertySignature =>
  ts.isVariableDeclaration(node) ||
  ts.isParameter(node) ||
  ts.isPropertySignature(node) ||
  ts.isPropertyDeclaration(node) ||
  ts.isPropertyAssignment(node);

const holdsFunction = (node: ts.Node): boolean =>
  'initializer' in node &&
  node.initializer !== undefined &&
  ts.isFunctionLike(node.initializer as ts.Node);

/** Rates such as `kibPerMib` name two units. */
const unitNotLast = /^(mib|kib|gib|ms)(?!Per[A-Z])[A-Z]|[a-z](Mib|Kib|Gib|Ms)(?!Per[A-Z])[A-Z]/;
const unitMisspelt = /[a-z](MiB|MB|Mb|KiB|KB|Kb|GB|(?<![cC]pu)Millis|Milliseconds)$/;

/**
 * `requestedMib`, `deadlineMs`: names that belong together line up, and the unit ends them.
 * Thousandths of a processor are `cpuMillis`, as elsewhere.
 */
export const unitsLast = perNode(isProduct, (node, report) => {
  if (!isNamedValue(node) || !ts.isIdentifier(node.name) || holdsFunction(node)) return;
  const name = node.name.text;
  if (unitNotLast.test(name)) report(node, `${name}: the unit stands last in a name`);
  if (unitMisspelt.test(name)) report(node, `${name}: units are written Mib, Kib, Ms`);
});

const hasDocstring = (node: ts.Node): boolean => ts.getJSDocCommentsAndTags(node).length > 0;

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

/** The binding is a library of its own: whoever uses it reads its docstrings. */
export const bindingIsDocumented = perNode(
  (path) => path.startsWith('lib/'),
  (node, report) => {
    const isNoun =
      ts.isClassDeclaration(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isInterfaceDeclaration(node) ||
      ts.isTypeAliasDeclaration(node);
    if (!isNoun || !isExported(node) || hasDocstring(node)) return;
    report(node, `${node.name?.text ?? 'default'} is public and has no docstring`);
  },
);

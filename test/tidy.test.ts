import t from 'tap';
import { projectFiles, type TextFile } from './tidy/files.js';
import { linksResolve } from './tidy/linkRule.js';
import { bindingIsDocumented, functionLength, unitsLast } from './tidy/syntaxRules.js';
import {
  commentsAreSentences,
  fileLength,
  finalNewline,
  lineLength,
  noLeftovers,
  type Rule,
  shellIsStrict,
  tabs,
  whitespace,
} from './tidy/textRules.js';

interface Case {
  readonly rule: Rule;
  readonly bad: readonly TextFile[];
  readonly good: readonly TextFile[];
}

const file = (path: string, text: string): TextFile => ({ path, text });
const statements = (count: number): string => '  step();\n'.repeat(count);

/** Each rule with what it must find and what it must let pass, so that no rule is asleep. */
const cases: Readonly<Record<string, Case>> = {
  'lines fit in 100 columns': {
    rule: lineLength,
    bad: [file('src/a.ts', `const a = '${'x'.repeat(90)}';\n`)],
    good: [
      file('src/a.ts', `${'x'.repeat(100)}\n`),
      file('src/a.ts', `// https://example.org/${'x'.repeat(100)}\n`),
      file('README.md', `${'word '.repeat(40)}\n`),
    ],
  },
  'no white space ends a line': {
    rule: whitespace,
    bad: [file('src/a.ts', 'a(); \n'), file('README.md', 'a\r\n')],
    good: [file('src/a.ts', 'a();\n')],
  },
  'no tabs outside makefiles': {
    rule: tabs,
    bad: [file('src/a.ts', '\ta();\n')],
    good: [file('Makefile', '\ta\n')],
  },
  'a file ends with one newline': {
    rule: finalNewline,
    bad: [file('src/a.ts', 'a();'), file('src/a.ts', 'a();\n\n')],
    good: [file('src/a.ts', 'a();\n')],
  },
  'a file holds one noun': {
    rule: fileLength,
    bad: [file('src/a.ts', statements(501))],
    good: [file('src/a.ts', statements(500)), file('data.json', statements(501))],
  },
  'nothing is left over': {
    rule: noLeftovers,
    bad: [
      file('src/a.ts', `// ${'TO'}${'DO'}: later\n`),
      file('src/a.ts', `debug${'ger'};\n`),
      file('test/a.test.ts', `t.on${'ly'}('x');\n`),
      file('docs/a.md', `see ${'/ro'}ot/notes\n`),
      file('docs/a.md', `see ${'/ho'}me/someone/notes\n`),
    ],
    good: [
      file('vagrant/a.sh', 'cd /home/vagrant/ballast\n'),
      file('a.sh', 'mktemp /tmp/XXXXXX\n'),
    ],
  },
  'comments are sentences': {
    rule: commentsAreSentences,
    bad: [file('src/a.ts', '// increment\na();\n'), file('a.sh', '# Starts and does not end\n')],
    good: [
      file('src/a.ts', '// It goes on\n// to the next line.\na(); // aside\n'),
      file('src/a.ts', '// biome-ignore lint/x: because\n'),
      file('a.sh', '#!/bin/sh\n# Ends.\n#\n# usage: a.sh NAME\n'),
      file('native/a.cc', '// libvirt has no such call.\na();\n// grow(size): Promise<void>\n'),
    ],
  },
  'shell scripts stop at the first error': {
    rule: shellIsStrict,
    bad: [file('a.sh', '#!/bin/sh\nset -e\n')],
    good: [file('a.sh', '#!/bin/bash\nset -euo pipefail\n')],
  },
  'functions fit on a screen': {
    rule: functionLength,
    bad: [file('src/a.ts', `function a() {\n${statements(60)}}\n`)],
    good: [
      file('src/a.ts', `function a() {\n${statements(58)}}\n`),
      file('test/a.test.ts', `function a() {\n${statements(60)}}\n`),
    ],
  },
  'units stand last in names': {
    rule: unitsLast,
    bad: [
      file('src/a.ts', 'const mibRequested = 1;\n'),
      file('src/a.ts', 'interface A { readonly pluggedMibMax: number }\n'),
      file('src/a.ts', 'const a = (sizeMB: number) => sizeMB;\n'),
    ],
    good: [
      file('src/a.ts', 'const requestedMib = 1;\nconst mibOf = (a: number) => a;\n'),
      file('src/a.ts', 'const items = { itemsMax: 1, maxCpuMillis: 2 };\n'),
    ],
  },
  'what the binding exports is documented': {
    rule: bindingIsDocumented,
    bad: [file('lib/a.ts', 'export class A {}\n')],
    good: [file('lib/a.ts', '/** An A. */\nexport class A {}\nclass B {}\n')],
  },
  'links lead somewhere': {
    rule: linksResolve,
    bad: [file('README.md', 'See [it](docs/no-such-file.md#part).\n')],
    good: [file('README.md', 'See [it](package.json) and [that](https://example.org/x).\n')],
  },
};

const files = projectFiles();

t.test('the sources are there', async (t) => {
  const paths = new Set(files.map(({ path }) => path));
  for (const path of ['Makefile', 'src/model/errors.ts', 'guest/protocol.md', 'package.json']) {
    t.ok(paths.has(path), path);
  }
});

for (const [name, { rule, bad, good }] of Object.entries(cases)) {
  t.test(name, async (t) => {
    for (const sample of bad)
      t.equal(rule(sample).length, 1, `found in: ${sample.text.slice(0, 60)}`);
    for (const sample of good) t.same(rule(sample), [], `let pass: ${sample.text.slice(0, 60)}`);
    const violations = files.flatMap(rule);
    t.same(
      violations.map(({ path, line, message }) => `${path}:${line}: ${message}`),
      [],
      'no file of the project breaks it',
    );
  });
}

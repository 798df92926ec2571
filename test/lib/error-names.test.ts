import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { errorCodeNames, errorDomainNames, errorLevelNames } from '../../lib/error-names.js';

const includes = execFileSync('pkg-config', ['--variable=includedir', 'libvirt'], {
  encoding: 'utf8',
}).trim();
const header = readFileSync(`${includes}/libvirt/virterror.h`, 'utf8');

/** The members of an enumeration of the header, as `number name`. */
function declared(enumeration: string, prefix: RegExp): string[] {
  const end = header.indexOf(`} ${enumeration};`);
  const body = header.slice(header.lastIndexOf('typedef enum', end), end);
  return [...body.matchAll(/^ +(VIR_\w+) = (\d+)/gm)].map(
    ([, name = '', number]) => `${number} ${name.replace(prefix, '')}`,
  );
}

const tables = [
  { enumeration: 'virErrorNumber', prefix: /^VIR_(ERR_)?/, names: errorCodeNames, atLeast: 111 },
  { enumeration: 'virErrorDomain', prefix: /^VIR_FROM_/, names: errorDomainNames, atLeast: 73 },
  { enumeration: 'virErrorLevel', prefix: /^VIR_ERR_/, names: errorLevelNames, atLeast: 3 },
];

for (const { enumeration, prefix, names, atLeast } of tables) {
  t.test(`${enumeration} has the names of the installed libvirt`, async (t) => {
    const members = declared(enumeration, prefix);
    t.ok(members.length >= atLeast, `the header was understood: ${members.length} members`);
    const listed = new Set(names.map((name, number) => `${number} ${name}`));
    t.same(
      members.filter((member) => !listed.has(member)),
      [],
    );
  });
}

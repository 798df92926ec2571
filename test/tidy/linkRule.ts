import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from './files.js';
import type { Rule } from './textRules.js';

const link = /\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g;

/** Links between documents lead to files that exist. */
export const linksResolve: Rule = ({ path, text }) => {
  if (!path.endsWith('.md')) return [];
  return text.split('\n').flatMap((line, index) =>
    [...line.matchAll(link)]
      .map(([, target]) => target ?? '')
      .filter((target) => !existsSync(join(root, dirname(path), target)))
      .map((target) => ({ path, line: index + 1, message: `leads nowhere: ${target}` })),
  );
};

import { basename, extname } from 'node:path';
import { isCode, type TextFile, type Violation } from './files.js';

export type Rule = (file: TextFile) => Violation[];

const maxColumns = 100;
/** Long enough for one noun; a longer file holds two. */
const maxLines = 500;

/** Reports each line for which `check` returns a message. */
const perLine =
  (applies: (path: string) => boolean, check: (line: string) => string | undefined): Rule =>
  (file) => {
    if (!applies(file.path)) return [];
    return file.text.split('\n').flatMap((line, index) => {
      const message = check(line);
      return message === undefined ? [] : [{ path: file.path, line: index + 1, message }];
    });
  };

/** Data that a format or another program shapes, such as long lines of a recorded request. */
const isWritten = (path: string): boolean => isCode(path) || extname(path) === '.md';

/** A line that is long because of an address is not made better by being cut. */
export const lineLength = perLine(isCode, (line) =>
  [...line].length > maxColumns && !/https?:\/\//.test(line)
    ? `${[...line].length} columns, at most ${maxColumns}`
    : undefined,
);

export const whitespace = perLine(isWritten, (line) =>
  /[ \t\r]$/.test(line) ? 'white space at the end of the line' : undefined,
);

const mayHoldTabs = (path: string): boolean => basename(path) === 'Makefile' || !isWritten(path);

export const tabs = perLine(
  (path) => !mayHoldTabs(path),
  (line) => (line.includes('\t') ? 'a tab' : undefined),
);

export const finalNewline: Rule = ({ path, text }) =>
  text.endsWith('\n') && !text.endsWith('\n\n')
    ? []
    : [{ path, line: text.split('\n').length, message: 'ends with exactly one newline' }];

export const fileLength: Rule = ({ path, text }) => {
  const lines = text.split('\n').length - 1;
  return isCode(path) && lines > maxLines
    ? [{ path, line: maxLines, message: `${lines} lines, at most ${maxLines}` }]
    : [];
};

// The brackets keep these patterns from matching themselves.
const leftovers: readonly (readonly [RegExp, string])[] = [
  [/\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/, 'work that was put off'],
  [/^(<<<<<<<|>>>>>>>) /, 'a conflict of a merge'],
  [/\bdebug[g]er;/, 'a breakpoint'],
  [/\.on[l]y\(/, 'a test that hides the others'],
  // A quote that closes a variable, as in "$scratch"/root, does not begin a path.
  [/(^|[\s(=:]|(?<![\w}])["'`])\/(root|Users|home\/(?!vagrant\b))[/\w]/, 'a path of one machine'],
];

export const noLeftovers = perLine(isWritten, (line) => {
  const found = leftovers.find(([pattern]) => pattern.test(line));
  return found === undefined ? undefined : `${found[1]}: ${line.trim()}`;
});

const commentMarker: Readonly<Record<string, RegExp>> = {
  '.ts': /^\s*\/\/ ?(.*)$/,
  '.mjs': /^\s*\/\/ ?(.*)$/,
  '.cjs': /^\s*\/\/ ?(.*)$/,
  '.cc': /^\s*\/\/ ?(.*)$/,
  '.h': /^\s*\/\/ ?(.*)$/,
  '.sh': /^\s*# ?(.*)$/,
};

/** Words to a tool, not to a reader. */
const directive = /^(!|shellcheck |biome-ignore|@ts-|NOLINT|clang-format|[-+*=/]{3})/;
/** The synopsis that ends the head of a script. */
const synopsis = /(^| )usage: .*$/;
/** A comment that is the signature of what follows. */
const signature = /^\w+\(.*\): \S+$/;
/** Names that are written small wherever they stand. */
const smallNames = /^(ballast|libvirt|mmdebstrap|node-gyp|npm|sudo|udev|virtio-\w+) /;

interface Comment {
  readonly line: number;
  readonly words: string[];
}

const commentsOf = ({ path, text }: TextFile): Comment[] => {
  const marker = commentMarker[extname(path)];
  if (marker === undefined) return [];
  const comments: Comment[] = [];
  let open: Comment | undefined;
  for (const [index, line] of text.split('\n').entries()) {
    const words = marker.exec(line)?.[1];
    if (words === undefined || directive.test(words)) {
      open = undefined;
    } else if (open === undefined) {
      open = { line: index + 1, words: [words] };
      comments.push(open);
    } else {
      open.words.push(words);
    }
  }
  return comments;
};

const isSentence = (comment: string): boolean =>
  (!/^[a-z]+ /.test(comment) || smallNames.test(comment)) && /[.:?!)`]$/.test(comment);

/** A comment above code is a sentence: it begins like one and it ends. */
export const commentsAreSentences: Rule = (file) =>
  commentsOf(file).flatMap(({ line, words }) => {
    const comment = words.join(' ').replace(synopsis, '').trim();
    if (comment === '' || signature.test(comment) || isSentence(comment)) return [];
    return [{ path: file.path, line, message: `a comment is a sentence: "${comment}"` }];
  });

export const shellIsStrict: Rule = ({ path, text }) => {
  if (extname(path) !== '.sh' || text.startsWith('# shellcheck shell=')) return [];
  const strict = /^set -euo pipefail$/m.test(text) || text.includes('/lib/common.sh"\n');
  return strict ? [] : [{ path, line: 1, message: 'lacks `set -euo pipefail`' }];
};

/**
 * The rules for names in a deployment package, apart from any file system: which names are taken,
 * and where a symbolic link leads. Paths are arrays of components below the package's root.
 */

/** Linux allows 255 bytes in a name and 4096 in a path; the guest prepends its mount point. */
const maxNameBytes = 255;
const maxPathBytes = 2048;
const maxParts = 128;

/** As many links as Linux follows before it gives up with ELOOP. */
const maxLinksFollowed = 40;

/** Steps over all links of a package: crafted ones could otherwise keep the service busy. */
const maxLinkSteps = 200_000;

export type EntryPath = readonly string[];

/** Why a package is refused. The message names the entry. */
export class ArchiveRefusal extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ArchiveRefusal';
  }
}

/** A name as a message shows it: bounded, and with nothing unprintable in it. */
export const quoted = (name: string): string =>
  JSON.stringify(name.length > 120 ? `${name.slice(0, 117)}...` : name);

const partsOf = (path: string): string[] =>
  path.split('/').filter((part) => part !== '' && part !== '.');

/**
 * The components of an entry's name, with `.` and empty ones left out. The root itself is `[]`.
 * @throws ArchiveRefusal for a name that leaves the root or that no file system takes
 */
export const entryPath = (name: string): EntryPath => {
  if (name.startsWith('/') || /^[A-Za-z]:[\\/]/.test(name)) {
    throw new ArchiveRefusal(`the entry ${quoted(name)} has an absolute path`);
  }
  if (name.includes('\0')) {
    throw new ArchiveRefusal(`the entry ${quoted(name)} has a NUL in its name`);
  }
  const path = partsOf(name);
  if (path.includes('..')) {
    throw new ArchiveRefusal(`the entry ${quoted(name)} has ".." in its path`);
  }
  const tooLong = path.some((part) => Buffer.byteLength(part) > maxNameBytes);
  if (tooLong || path.length > maxParts || Buffer.byteLength(name) > maxPathBytes) {
    throw new ArchiveRefusal(
      `the path of the entry ${quoted(name)} is too long: ${maxPathBytes} bytes and ${maxParts}` +
        ` parts of ${maxNameBytes} bytes are allowed`,
    );
  }
  return path;
};

/** The targets of all links of a package, by their path joined with `/`. */
export type LinkTargets = ReadonlyMap<string, string>;

/**
 * Follows one link, and every link on its way. Parts that do not exist are taken as plain
 * directories: a dangling link inside the root is fine. Returns the steps that it took.
 */
const followLink = (link: string, links: LinkTargets, maxSteps: number): number => {
  const ahead = partsOf(link);
  const at: string[] = [];
  let followed = 0;
  let steps = 0;
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    steps += 1;
    if (part === '..') {
      if (at.pop() === undefined) {
        throw new ArchiveRefusal(`the symbolic link ${quoted(link)} leaves the package`);
      }
      continue;
    }
    at.push(part);
    const target = links.get(at.join('/'));
    if (target === undefined) {
      continue;
    }
    if (target.startsWith('/')) {
      throw new ArchiveRefusal(`the symbolic link ${quoted(link)} leads to ${quoted(target)}`);
    }
    followed += 1;
    if (followed > maxLinksFollowed || steps > maxSteps) {
      throw new ArchiveRefusal(`the symbolic link ${quoted(link)} has no end`);
    }
    at.pop();
    ahead.unshift(...partsOf(target));
  }
  return steps;
};

/**
 * Makes sure that no symbolic link leaves the root at any step, also not through other links.
 * @throws ArchiveRefusal
 */
export const checkLinks = (links: LinkTargets): void => {
  let stepsLeft = maxLinkSteps;
  for (const link of links.keys()) {
    stepsLeft -= followLink(link, links, stepsLeft);
  }
};

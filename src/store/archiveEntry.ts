import { type Entry, getFileNameLowLevel } from 'yauzl';
import { ArchiveRefusal, type EntryPath, entryPath, quoted } from './archivePath.js';

type EntryKind = 'directory' | 'file' | 'link';

/** One entry of a deployment package after it was checked on its own. */
export interface ArchiveEntry {
  readonly zip: Entry;
  readonly name: string;
  readonly path: EntryPath;
  readonly kind: EntryKind;
  readonly executable: boolean;
}

/** The types of `stat(2)` as zip tools of Unix and macOS write them above the DOS attributes. */
const typeMask = 0o170000;
const typeDirectory = 0o040000;
const typeFile = 0o100000;
const typeLink = 0o120000;
const hostsWithModes = new Set([3, 19]);

const kindOf = (name: string, mode: number): EntryKind => {
  const type = mode & typeMask;
  if (type !== 0 && type !== typeFile && type !== typeDirectory && type !== typeLink) {
    throw new ArchiveRefusal(
      `the entry ${quoted(name)} is a device, a socket or a pipe; only files, directories and` +
        ' symbolic links are taken',
    );
  }
  if (type === typeLink) {
    return 'link';
  }
  return type === typeDirectory || name.endsWith('/') ? 'directory' : 'file';
};

/** Reads what the directory of the zip says of one entry. @throws ArchiveRefusal */
export const readEntry = (zip: Entry): ArchiveEntry => {
  const flags = zip.generalPurposeBitFlag;
  const name = getFileNameLowLevel(flags, zip.fileNameRaw, zip.extraFields, false);
  const path = entryPath(name);
  if (zip.isEncrypted()) {
    throw new ArchiveRefusal(`the entry ${quoted(name)} is encrypted`);
  }
  if (!zip.canDecodeFileData()) {
    throw new ArchiveRefusal(
      `the entry ${quoted(name)} is compressed with method ${zip.compressionMethod};` +
        ' use "deflate" or "store"',
    );
  }
  const hasMode = hostsWithModes.has(zip.versionMadeBy >>> 8);
  const mode = hasMode ? zip.externalFileAttributes >>> 16 : 0;
  const kind = kindOf(name, mode);
  return { zip, name, path, kind, executable: (mode & 0o111) !== 0 };
};

/** A name in the tree of a package; without a kind it is only on the way to others. */
interface TreeNode {
  kind: EntryKind | null;
  readonly below: Map<string, TreeNode>;
}

/** Names in a tree, with the directories that no entry names: each costs an inode. */
const maxTreeNodes = 131_072;

/** Adds an entry and returns how many names that made. */
const addToTree = (root: TreeNode, { path, name, kind }: ArchiveEntry): number => {
  let node = root;
  let made = 0;
  for (const part of path) {
    if (node.kind === 'file' || node.kind === 'link') {
      throw new ArchiveRefusal(`the entry ${quoted(name)} lies below a ${node.kind}`);
    }
    let next = node.below.get(part);
    if (next === undefined) {
      next = { kind: null, below: new Map() };
      node.below.set(part, next);
      made += 1;
    }
    node = next;
  }
  if (node.kind !== null) {
    throw new ArchiveRefusal(`the entry ${quoted(name)} is there twice`);
  }
  if (kind !== 'directory' && node.below.size > 0) {
    throw new ArchiveRefusal(`the ${kind} ${quoted(name)} has entries below it`);
  }
  node.kind = kind;
  return made;
};

/**
 * Makes sure that the entries make one tree: no name twice, and nothing below a file or a link.
 * @throws ArchiveRefusal
 */
export const checkTree = (entries: readonly ArchiveEntry[]): void => {
  const root: TreeNode = { kind: null, below: new Map() };
  let nodes = 0;
  for (const entry of entries) {
    if (entry.path.length > 0) {
      nodes += addToTree(root, entry);
      if (nodes > maxTreeNodes) {
        throw new ArchiveRefusal(`it has more than ${maxTreeNodes} files and directories`);
      }
    } else if (entry.kind !== 'directory') {
      throw new ArchiveRefusal(`the entry ${quoted(entry.name)} names no file`);
    }
  }
};

import { Buffer } from 'node:buffer';
import { ZipFile } from 'yazl';

/** An entry of a zip that a test makes. Without `mode` it is a plain file. */
export interface TestEntry {
  readonly name: string;
  readonly bytes?: Buffer | string;
  readonly mode?: number;
}

const collect = async (zip: ZipFile): Promise<Buffer> => {
  zip.end();
  const chunks: Buffer[] = [];
  for await (const chunk of zip.outputStream) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
};

const stamp = { mtime: new Date(1980, 0, 1), forceDosTimestamp: true };

/** A zip of well-formed entries, as tools make it. */
export const zipOf = (entries: readonly TestEntry[]): Promise<Buffer> => {
  const zip = new ZipFile();
  for (const { name, bytes = '', mode = 0o100644 } of entries) {
    if (name.endsWith('/')) {
      zip.addEmptyDirectory(name, stamp);
    } else {
      zip.addBuffer(Buffer.from(bytes), name, { ...stamp, mode });
    }
  }
  return collect(zip);
};

/** Names that yazl will not write. */
const refusedName = /^\/|(^|\/)\.\.(\/|$)|\\/;

/**
 * The same with names that yazl refuses to write: such an entry is made under a stand-in of the
 * same length, which is then replaced everywhere.
 */
export const rawZipOf = async (entries: readonly TestEntry[]): Promise<Buffer> => {
  const standIns = new Map<string, string>();
  const tame = entries.map((entry, index) => {
    if (!refusedName.test(entry.name)) {
      return entry;
    }
    const standIn = String.fromCharCode(65 + index).repeat(Buffer.byteLength(entry.name));
    standIns.set(standIn, entry.name);
    return { ...entry, name: standIn };
  });
  let text = (await zipOf(tame)).toString('latin1');
  for (const [standIn, name] of standIns) {
    text = text.replaceAll(standIn, Buffer.from(name).toString('latin1'));
  }
  return Buffer.from(text, 'latin1');
};

export const link = (name: string, target: string): TestEntry => ({
  name,
  bytes: target,
  mode: 0o120777,
});

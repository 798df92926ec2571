/** What a template's directory says of its files. A template that is not so is never used. */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { sha256Of } from '../../files/sha256Of.js';
import { syncPath } from '../../files/syncPath.js';

const FileEntry = Type.Object({
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  bytes: Type.Integer({ minimum: 0 }),
});

const ManifestSchema = Type.Object({
  key: Type.String({ pattern: '^[0-9a-f]{32}$' }),
  /** What it is a template of, for people. */
  of: Type.String(),
  buildMs: Type.Integer({ minimum: 0 }),
  files: Type.Record(Type.String({ pattern: '^[a-z]+\\.[a-z]+$' }), FileEntry, {
    minProperties: 1,
    additionalProperties: false,
  }),
});
export type TemplateManifest = Static<typeof ManifestSchema>;
const manifestSchema = Compile(ManifestSchema);

const manifestName = 'template.json';
const bytesPerMib = 1024 * 1024;
/** `stat` counts in these. */
const blockBytes = 512;

/** Describes the files of a directory, and makes both durable. */
export async function writeManifest(
  dir: string,
  about: Omit<TemplateManifest, 'files'>,
  names: readonly string[],
): Promise<TemplateManifest> {
  const files: Record<string, Static<typeof FileEntry>> = {};
  for (const name of names) {
    const path = join(dir, name);
    await syncPath(path);
    files[name] = { sha256: await sha256Of(path), bytes: (await stat(path)).size };
  }
  const manifest = { ...about, files };
  await writeFile(join(dir, manifestName), JSON.stringify(manifest), { flush: true });
  await syncPath(dir);
  return manifest;
}

/** Null where there is none, or not a whole one. */
export async function readManifest(dir: string): Promise<TemplateManifest | null> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(dir, manifestName), 'utf8'));
    return manifestSchema.Check(manifest) ? manifest : null;
  } catch {
    return null;
  }
}

/** Whether the files are what the manifest says, to the byte. */
export async function isIntact(dir: string, manifest: TemplateManifest): Promise<boolean> {
  for (const [name, { sha256, bytes }] of Object.entries(manifest.files)) {
    const path = join(dir, name);
    const found = await stat(path).catch(() => null);
    if (found?.size !== bytes || (await sha256Of(path)) !== sha256) return false;
  }
  return true;
}

/** What a sparse file takes of the disk, or of memory once it is copied there. */
export async function allocatedMib(path: string): Promise<number> {
  return Math.ceil(((await stat(path)).blocks * blockBytes) / bytesPerMib);
}

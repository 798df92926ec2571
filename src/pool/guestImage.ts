/**
 * The guest image that instances boot from. It is copied into the state directory, named by its
 * digest: QEMU runs as another user, who may not reach a checkout, and a rebuild must not pull
 * files from under running VMs.
 */
import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { sha256Of } from '../files/sha256Of.js';
import { syncPath } from '../files/syncPath.js';
import { BallastError } from '../model/errors.js';
import type { Accelerator } from './accelerator.js';

const FileEntry = Type.Object({
  sha256: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  bytes: Type.Integer({ minimum: 1 }),
});

const ManifestSchema = Type.Object({
  digest: Type.String({ pattern: '^[0-9a-f]{64}$' }),
  kernel: Type.String(),
  protocol: Type.Integer(),
  runtimes: Type.Array(Type.Object({ name: Type.String() }), { minItems: 1 }),
  files: Type.Object({
    vmlinuz: FileEntry,
    vmlinux: FileEntry,
    'initramfs.img': FileEntry,
    'root.erofs': FileEntry,
  }),
});
type Manifest = Static<typeof ManifestSchema>;
const manifestSchema = Compile(ManifestSchema);

/**
 * An emulated processor takes a second to unpack a kernel. What that costs is that the kernel is
 * always at the same address, and counts as resident for as long as its machine runs.
 */
const kernels = { kvm: 'vmlinuz', tcg: 'vmlinux' } as const;
type Artefact = keyof Manifest['files'];

function artefactsFor(accelerator: Accelerator['kind']): readonly Artefact[] {
  return [kernels[accelerator], 'initramfs.img', 'root.erofs'];
}

export interface GuestImage {
  readonly digest: string;
  readonly kernel: string;
  readonly runtimes: readonly string[];
  readonly kernelPath: string;
  readonly initramfsPath: string;
  readonly rootPath: string;
}

/**
 * Installs what machines need of the image that was built into `imagesDir`, unless it is there, and
 * removes older ones.
 * @throws BallastError HOST_UNUSABLE when it was not built or is damaged
 */
export async function installGuestImage(
  builtDir: string,
  imagesDir: string,
  accelerator: Accelerator['kind'],
): Promise<GuestImage> {
  const manifest = await readManifest(builtDir);
  const dir = join(imagesDir, manifest.digest);
  await mkdir(imagesDir, { recursive: true });
  await chmod(imagesDir, 0o755);
  const artefacts = artefactsFor(accelerator);
  if (!(await isInstalled(dir, artefacts, manifest))) {
    await install(builtDir, imagesDir, artefacts, manifest);
  }
  for (const other of await readdir(imagesDir)) {
    if (other !== manifest.digest) await rm(join(imagesDir, other), { recursive: true });
  }
  return {
    digest: manifest.digest,
    kernel: manifest.kernel,
    runtimes: manifest.runtimes.map((runtime) => runtime.name),
    kernelPath: join(dir, kernels[accelerator]),
    initramfsPath: join(dir, 'initramfs.img'),
    rootPath: join(dir, 'root.erofs'),
  };
}

async function readManifest(builtDir: string): Promise<Manifest> {
  const path = join(builtDir, 'image.json');
  let manifest: unknown;
  try {
    manifest = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw unusable(`The guest image's ${path} cannot be read`, cause);
  }
  if (!manifestSchema.Check(manifest)) throw unusable(`${path} is not the manifest of an image`);
  return manifest;
}

async function isInstalled(
  dir: string,
  artefacts: readonly Artefact[],
  manifest: Manifest,
): Promise<boolean> {
  for (const name of artefacts) {
    const bytes = await stat(join(dir, name)).then(
      (found) => found.size,
      () => -1,
    );
    if (bytes !== manifest.files[name].bytes) return false;
  }
  return true;
}

/**
 * Copies aside, syncs and renames, so that neither a crash nor a loss of power leaves a damaged
 * image under its name: one that is there is only known by its files' sizes.
 */
async function install(
  builtDir: string,
  imagesDir: string,
  artefacts: readonly Artefact[],
  manifest: Manifest,
): Promise<void> {
  const aside = join(imagesDir, `.${manifest.digest}.${process.pid}`);
  await rm(aside, { recursive: true, force: true });
  try {
    await mkdir(aside);
    await chmod(aside, 0o755);
    for (const name of artefacts) {
      await copyChecked(join(builtDir, name), join(aside, name), manifest.files[name].sha256);
    }
    await syncPath(aside);
    const dir = join(imagesDir, manifest.digest);
    await rm(dir, { recursive: true, force: true });
    await rename(aside, dir);
    await syncPath(imagesDir);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
}

async function copyChecked(source: string, target: string, sha256: string): Promise<void> {
  try {
    await copyFile(source, target, constants.COPYFILE_FICLONE);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw unusable(`The guest image's ${source} cannot be copied (${why})`, cause);
  }
  await chmod(target, 0o644);
  await syncPath(target);
  if ((await sha256Of(target)) !== sha256) {
    throw unusable(`The guest image's ${source} is not what its manifest says`);
  }
}

function unusable(what: string, cause?: unknown): BallastError {
  return new BallastError('HOST_UNUSABLE', `${what}. Build it with \`make image\`.`, { cause });
}

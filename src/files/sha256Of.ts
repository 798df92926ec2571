import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/**
 * One buffer for the whole file: with one for each piece, most of the time would go into pages that
 * are used for the first time. To hash a piece takes less than a millisecond of the event loop.
 */
const pieceBytes = 1024 * 1024;

/** The digest of a file's content, in hexadecimal. @throws what reading the file throws */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(pieceBytes);
  const file = await open(path);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, pieceBytes);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

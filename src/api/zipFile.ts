/** Decodes the code that a request carries. */
import { BallastError } from '../model/errors.js';

/** @throws BallastError INVALID_PARAMETER for what is not base64 */
export function decodeZipFile(base64: string): Buffer {
  const bytes = Buffer.from(base64, 'base64');
  // Node skips what is not base64, and comes out shorter then: by less than a byte only where one
  // digit is left over, which is no base64 either. Padding may be left out.
  const digits = base64.replace(/=+$/, '').length;
  if (digits % 4 !== 1 && Math.floor((digits * 3) / 4) === bytes.length) return bytes;
  throw new BallastError(
    'INVALID_PARAMETER',
    `ZipFile is not base64: its ${base64.length} characters hold ${bytes.length} bytes. ` +
      'Send the zip in standard base64, without line breaks.',
  );
}

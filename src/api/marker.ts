/** The NextMarker of a page: clients hand it back as they got it. */
import { BallastError } from '../model/errors.js';

export function writeMarker(text: string): string {
  return Buffer.from(text).toString('base64url');
}

/** Null without a marker. @throws BallastError INVALID_PARAMETER for what is none */
export function readMarker(marker: string | undefined): string | null {
  if (marker === undefined || marker === '') return null;
  const text = Buffer.from(marker, 'base64url').toString();
  if (writeMarker(text) === marker) return text;
  throw new BallastError(
    'INVALID_PARAMETER',
    `Marker is '${marker.slice(0, 100)}', which is not the NextMarker of a page before.`,
  );
}

import { join } from 'node:path';
import { root } from '../tidy/files.js';
import { readAddon } from './addon.js';
import type { Survey } from './coverage.js';
import { readHeaders } from './headers.js';
import { unwrapped } from './unwrapped.js';

export const pagePath = join(root, 'docs/libvirt-coverage.md');

/** The installed headers and this checkout's addon. */
export const survey = (): Survey => ({
  groups: readHeaders(),
  called: readAddon(),
  reasons: unwrapped,
});

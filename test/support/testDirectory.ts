/** Temporary directories whose VMs `scripts/vms.sh` knows as those of this checkout's tests. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checkout = realpathSync(fileURLToPath(new URL('../../..', import.meta.url)));
const checkoutId = createHash('sha256').update(checkout).digest('hex').slice(0, 8);

/** What `mkdtemp` completes. */
export const testDirectoryPrefix = join(tmpdir(), `ballast-test-${checkoutId}-`);

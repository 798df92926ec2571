/**
 * The domains that calls are measured on: QEMUs without a guest, paused, below a root of libvirt's
 * embedded driver. They outlive this process, and each contender opens the root in turn.
 *
 * usage: domains.js make|end ROOT NAME...
 */
import { connect, LibvirtError } from '../../lib/index.js';
import { embedUriOf, prepareEmbedRoot } from '../../src/pool/embedRoot.js';
import { bareDomainXml } from '../../test/support/embed.js';

const [action, root = '', ...names] = process.argv.slice(2);
await prepareEmbedRoot(root);
const connection = await connect(embedUriOf(root));
if (action === 'make') {
  for (const name of names) await connection.createDomain(bareDomainXml(name), { paused: true });
} else {
  const domains = await connection.listDomains({ active: true });
  await Promise.all(domains.map((domain) => domain.destroy().catch(refuseUnlessGone)));
}
await connection.close();

/** libvirt itself forgets one that ends while it is still finding its way back to it. */
function refuseUnlessGone(error: unknown): void {
  if (!(error instanceof LibvirtError) || error.code !== 'NO_DOMAIN') throw error;
}

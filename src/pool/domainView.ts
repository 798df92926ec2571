/** What ballast reads back from libvirt's XML of a domain. */
import { XMLParser } from 'fast-xml-parser';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';

const DomainSchema = Type.Object({
  domain: Type.Object({
    metadata: Type.Object({
      'ballast:instance': Type.Object({ '@_owner': Type.String() }),
    }),
  }),
});
const domainSchema = Compile(DomainSchema);

/**
 * The id of the service that made the domain, or null for a domain that is not ballast's. Never
 * throws: others may live beside ours, and what cannot be read is not ours.
 */
export function ownerOf(domainXml: string): string | null {
  const parsed = parse(domainXml);
  return domainSchema.Check(parsed) ? parsed.domain.metadata['ballast:instance']['@_owner'] : null;
}

function parse(xml: string): unknown {
  try {
    return new XMLParser({ ignoreAttributes: false }).parse(xml, true);
  } catch {
    return null;
  }
}

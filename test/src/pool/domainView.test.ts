import fc from 'fast-check';
import t from 'tap';
import { ownerOf } from '../../../src/pool/domainView.js';
import { domainXml } from '../../../src/pool/domainXml.js';
import { domainSpec } from '../../support/domainSpec.js';

const ours = domainXml(domainSpec());
const { ownerId } = domainSpec();

/** Pieces of XML, of which few arrangements are sound. */
const pieces = fc.constantFrom(
  ...[
    '<domain>',
    '</domain>',
    '<metadata>',
    '</metadata>',
    '<ballast:instance owner="o"/>',
    '<',
    '>',
  ],
  ...[
    '<ballast:instance ',
    'owner=',
    '"',
    '&',
    '&#0;',
    '&x;',
    '<!DOCTYPE a [<!ENTITY x "y">]>',
    '<?',
  ],
  ...[
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '<__proto__/>',
    '<constructor/>',
    'text',
    '\0',
    '\n',
    '/>',
  ],
);
const likeXml = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
  // Our own XML with a part of it replaced.
  fc
    .tuple(fc.nat(ours.length), fc.nat(ours.length), pieces)
    .map(([from, length, piece]) => ours.slice(0, from) + piece + ours.slice(from + length)),
);

t.test('a domain of ours names its owner', async (t) => {
  t.equal(ownerOf(ours), ownerId);
});

t.test('whatever the XML is, the answer is an owner or none', async (t) => {
  fc.assert(
    fc.property(likeXml, (xml) => {
      const owner = ownerOf(xml);
      return owner === null || typeof owner === 'string';
    }),
    { numRuns: 2000 },
  );
  t.pass();
});

t.test('domains of others have no owner', async (t) => {
  const others = [
    '',
    '<domain/>',
    '<domain><devices/></domain>',
    '<domain><metadata/></domain>',
    '<domain><metadata><other:thing owner="x"/></metadata></domain>',
    '<domain><metadata><ballast:instance/></metadata></domain>',
    '<domain><metadata><ballast:instance owner="a"/>' +
      '<ballast:instance owner="b"/></metadata></domain>',
    `<domain><metadata>${'<a>'.repeat(5000)}${'</a>'.repeat(5000)}</metadata></domain>`,
    '<domain><metadata><ballast:instance owner="a"></domain>',
  ];
  for (const xml of others) t.equal(ownerOf(xml), null, xml.slice(0, 80));
});

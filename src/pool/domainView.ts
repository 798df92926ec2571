/** What ballast reads back from libvirt's XML of a running domain. */
import { XMLParser } from 'fast-xml-parser';
import { Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { agentPort } from './domainXml.js';

const ChannelSchema = Type.Object({
  source: Type.Object({ '@_path': Type.String() }),
  target: Type.Object({ '@_name': Type.String() }),
});

const DomainSchema = Type.Object({
  domain: Type.Object({
    metadata: Type.Optional(Type.Unknown()),
    devices: Type.Object({ channel: Type.Optional(Type.Array(Type.Unknown())) }),
  }),
});

const MetadataSchema = Type.Object({
  'ballast:instance': Type.Object({ '@_owner': Type.String() }),
});

const channelSchema = Compile(ChannelSchema);
const domainSchema = Compile(DomainSchema);
const metadataSchema = Compile(MetadataSchema);

export interface DomainView {
  /** The service that made the domain; null for one that is not ballast's. */
  readonly ownerId: string | null;
  /** The unix socket of the agent's channel; null while the domain does not run. */
  readonly channelPath: string | null;
}

export function readDomain(xml: string): DomainView {
  const parser = new XMLParser({
    ignoreAttributes: false,
    isArray: (name) => name === 'channel',
  });
  const parsed: unknown = parser.parse(xml);
  if (!domainSchema.Check(parsed)) return { ownerId: null, channelPath: null };
  const { metadata, devices } = parsed.domain;
  const ours = (devices.channel ?? []).find(
    (channel) => channelSchema.Check(channel) && channel.target['@_name'] === agentPort,
  );
  return {
    ownerId: metadataSchema.Check(metadata) ? metadata['ballast:instance']['@_owner'] : null,
    channelPath: channelSchema.Check(ours) ? ours.source['@_path'] : null,
  };
}

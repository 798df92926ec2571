import type { Domain } from '../../lib/index.js';
import { AgentHold, type Holder } from './agentHold.js';
import { Balloon } from './balloon.js';
import type { Elastic, Mechanism } from './elastic.js';
import type { Geometry } from './geometry.js';
import { VirtioMem } from './virtioMem.js';

export interface ElasticParts {
  readonly domain: Domain;
  readonly agent: Holder;
  readonly geometry: Geometry;
  /** The wish that the domain was created with. */
  readonly askedMib: number;
}

/** The elastic memory of a domain that was just started, by the mechanism of its XML. */
export function elasticFor(mechanism: Mechanism, parts: ElasticParts): Elastic {
  const { domain, agent, geometry, askedMib } = parts;
  switch (mechanism) {
    case 'virtio-mem':
      return new VirtioMem(domain, askedMib);
    case 'balloon':
      return new Balloon(domain, geometry.floorMib, askedMib);
    case 'process':
      return new AgentHold(agent, geometry.maxMib);
  }
}

/** The calls under `/v1` that the commands make. */
import type { HostView } from '../model/host.js';
import type { InstanceResize, InstanceView } from '../model/instance.js';
import { jsonOf } from './answer.js';
import type { Client } from './client.js';

const json = { 'content-type': 'application/json' };
/** Memory that a guest holds is waited for; the service's own bound is shorter. */
const resizeTimeoutMs = 180_000;

export async function host(client: Client): Promise<HostView> {
  return jsonOf(await client.send({ method: 'GET', path: '/v1/host' }));
}

export async function listInstances(
  client: Client,
): Promise<{ readonly instances: readonly InstanceView[] }> {
  return jsonOf(await client.send({ method: 'GET', path: '/v1/instances' }));
}

export async function resizeInstance(
  client: Client,
  instanceId: string,
  requestedMib: number,
): Promise<InstanceResize> {
  const path = `/v1/instances/${encodeURIComponent(instanceId)}/memory`;
  const body = JSON.stringify({ requestedMib });
  const timeoutMs = resizeTimeoutMs;
  return jsonOf(await client.send({ method: 'PUT', path, headers: json, body, timeoutMs }));
}

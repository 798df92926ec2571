/** Instances: list, show, resize, evict. */
import { Type } from '@fastify/type-provider-typebox';
import type { Api, ApiContext } from '../context.js';
import {
  Instance,
  InstanceList,
  InstanceParams,
  ResizeBody,
  ResizeReceipt,
} from '../schemas/plain.js';

export function instanceRoutes(app: Api, { service }: ApiContext): void {
  app.get(
    '/v1/instances',
    { schema: { summary: 'All instances', response: { 200: InstanceList } } },
    async () => ({ instances: [...(await service.instances())] }),
  );

  app.get(
    '/v1/instances/:instanceId',
    { schema: { summary: 'One instance', params: InstanceParams, response: { 200: Instance } } },
    async (request) => service.instance(request.params.instanceId),
  );

  app.put(
    '/v1/instances/:instanceId/memory',
    {
      schema: {
        summary: 'Resize an idle instance',
        params: InstanceParams,
        body: ResizeBody,
        response: { 200: ResizeReceipt },
      },
    },
    async (request) => service.resize(request.params.instanceId, request.body.requestedMib),
  );

  app.delete(
    '/v1/instances/:instanceId',
    {
      schema: {
        summary: 'End an instance; what it runs fails',
        params: InstanceParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await service.evict(request.params.instanceId);
      return reply.code(204).send(null);
    },
  );
}

/** Instances: list, show, resize, evict. */
import { Type } from '@fastify/type-provider-typebox';
import { BallastError } from '../../model/errors.js';
import type { InvocationService } from '../../model/service.js';
import type { Api, ApiContext } from '../context.js';
import {
  Instance,
  InstanceList,
  InstanceParams,
  InstanceStorage,
  ResizeBody,
  ResizeReceipt,
  StorageBody,
} from '../schemas/plain.js';

export function instanceRoutes(app: Api, context: ApiContext): void {
  const { service } = context;
  sizeRoutes(app, context);
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

function sizeRoutes(app: Api, { service }: ApiContext): void {
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
    async (request) => {
      const { instanceId } = request.params;
      try {
        return await service.resize(instanceId, request.body.requestedMib);
      } catch (error) {
        throw await withStanding(error, service, instanceId);
      }
    },
  );

  app.put(
    '/v1/instances/:instanceId/storage',
    {
      schema: {
        summary: 'Change the storage of an idle instance',
        params: InstanceParams,
        body: StorageBody,
        response: { 200: InstanceStorage },
      },
    },
    async (request) => service.setStorage(request.params.instanceId, request.body.storageMib),
  );
}

/** What stopped a resize, with the size at which the instance stands where nothing told it yet. */
async function withStanding(
  error: unknown,
  service: InvocationService,
  instanceId: string,
): Promise<unknown> {
  if (!(error instanceof BallastError) || error.details?.limitMib !== undefined) return error;
  const standing = await service.instance(instanceId).catch(() => null);
  if (standing === null) return error;
  const { pluggedMib, limitMib } = standing;
  const { code, message, retryAfterSeconds } = error;
  return new BallastError(code, message, {
    cause: error,
    details: { ...error.details, pluggedMib, limitMib },
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

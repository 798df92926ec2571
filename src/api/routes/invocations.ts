/** Invoke: the one route that runs a function. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FunctionRecord } from '../../model/function.js';
import type { InvocationRequest, InvocationResult } from '../../model/invocation.js';
import { limits } from '../../model/limits.js';
import type { InvocationService } from '../../model/service.js';
import type { Api, ApiContext } from '../context.js';
import { type FunctionReference, readFunctionName } from '../functionName.js';
import { answerPayload } from '../invocation/failure.js';
import { logTail } from '../invocation/log.js';
import {
  readClientContext,
  readCpuMillis,
  readInvocationType,
  readLogType,
  readPayload,
  readRequestedMib,
  readStorageMib,
} from '../invocation/request.js';
import { checkState } from '../invocation/state.js';
import { retireOthers } from '../retirement.js';
import { FunctionParams, QualifierQuery } from '../schemas/function.js';

export function invocationRoutes(app: Api, context: ApiContext): void {
  const { identity, store, service } = context;

  app.post(
    '/2015-03-31/functions/:functionName/invocations',
    {
      bodyLimit: limits.maxPayloadBytes,
      schema: {
        operationId: 'Invoke',
        description:
          'The body is the event, as JSON. The header x-ballast-memory-mib sets the size of this ' +
          'invocation, x-ballast-cpu-millis its share of the processor, x-ballast-storage-mib ' +
          'its room in /tmp; the answer carries the header x-ballast-receipt.',
        params: FunctionParams,
        querystring: QualifierQuery,
      },
    },
    async (request, reply) => {
      const { functionName } = request.params;
      const asked = readFunctionName(functionName, identity, request.query.Qualifier);
      return store.use(asked, async (fn) => {
        checkState(fn);
        const order = { ...readOrder(request, reply, fn, service), ...qualifierOf(asked) };
        service.checkSize(order.requestedMib);
        const withLog = readLogType(request.headers['x-amz-log-type']);
        const type = readInvocationType(request.headers['x-amz-invocation-type']);
        if (type === 'DryRun') return reply.code(204).send();
        const result = await service.invoke(order).finally(() => retireIfOutdated(context, fn));
        return sendResult(reply, order, result, withLog);
      });
    },
  );
}

/** The version as the function itself is told it was invoked. */
function qualifierOf({ qualifier }: FunctionReference): Pick<InvocationRequest, 'qualifier'> {
  return qualifier === undefined ? {} : { qualifier };
}

/** @throws BallastError INVALID_PARAMETER, INVALID_PAYLOAD */
function readOrder(
  request: FastifyRequest,
  reply: FastifyReply,
  fn: FunctionRecord,
  service: InvocationService,
): InvocationRequest {
  const { headers } = request;
  const clientContext = readClientContext(headers['x-amz-client-context']);
  return {
    requestId: request.id,
    fn,
    requestedMib: readRequestedMib(
      headers['x-ballast-memory-mib'],
      fn.memoryMib,
      () => service.sizing(fn.functionName).recommendedMib,
    ),
    cpuMillis: readCpuMillis(headers['x-ballast-cpu-millis'], service.maxCpuMillis),
    storageMib: readStorageMib(headers['x-ballast-storage-mib'], fn.ephemeralMib),
    payload: readPayload(request.body),
    signal: goneSignal(reply),
    ...(clientContext === undefined ? {} : { clientContext }),
  };
}

/** Aborted when the client goes before it has its answer. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** An instance that was booted for a revision which was replaced meanwhile serves nobody else. */
function retireIfOutdated(context: ApiContext, fn: FunctionRecord): void {
  const { functionName, version, revisionId } = fn;
  const present = context.store.find(functionName, version);
  if (present?.revisionId !== revisionId) retireOthers(context, functionName, version);
}

function sendResult(
  reply: FastifyReply,
  order: InvocationRequest,
  result: InvocationResult,
  withLog: boolean,
) {
  reply.header('x-amz-executed-version', order.fn.version);
  reply.header('x-ballast-receipt', JSON.stringify(result.receipt));
  if (result.failure !== null) reply.header('x-amz-function-error', 'Unhandled');
  if (withLog) reply.header('x-amz-log-result', logTail(order, result).toString('base64'));
  return reply.type('application/json').send(answerPayload(order, result));
}

/** The HTTP service: scopes, errors and routes, wired together. It does not listen yet. */
import { randomUUID } from 'node:crypto';
import swagger from '@fastify/swagger';
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from 'fastify';
import type { Logger } from 'pino';
import { limits } from '../model/limits.js';
import { acceptBytes, acceptJson } from './bodies.js';
import type { Api, ApiContext } from './context.js';
import { sendLambdaError } from './errors/lambda.js';
import { sendPlainError } from './errors/plain.js';
import { refuseUnknownRoute, refuseUnroutable } from './errors/unknownRoute.js';
import { refuseForeignPage } from './origin.js';
import { codeDownloadRoute, codeRoutes } from './routes/code.js';
import { configurationRoutes } from './routes/configuration.js';
import { functionRoutes } from './routes/functions.js';
import { hostRoutes } from './routes/host.js';
import { instanceRoutes } from './routes/instances.js';
import { invocationRoutes } from './routes/invocations.js';
import { metricsRoute } from './routes/metrics.js';
import { sizingRoutes } from './routes/sizing.js';
import { templateRoutes } from './routes/templates.js';
import { versionRoutes } from './routes/versions.js';
import { withoutIdleMembers } from './unsupported.js';
import { boundUploads } from './uploads.js';

/** The longest name of a function is an ARN of about 200 characters. */
const maxParamLength = 256;
/** A zip grows by a third in base64; the rest of the request is small. */
const functionBodyLimit = Math.ceil(limits.maxZipBytes / 3) * 4 + 64 * 1024;
/** Of all such requests at a time: three of the largest, or many small ones. */
const maxUploadBytes = 3 * functionBodyLimit;
/** A client that takes longer than this to send a request is cut off. */
const requestTimeoutMs = 300_000;

export interface ApiOptions extends ApiContext {
  readonly version: string;
  readonly logger: Logger;
}

export async function createApi(options: ApiOptions): Promise<Api> {
  const app: Api = Fastify({
    // A child, so that its level may change without that of the service's other lines.
    loggerInstance: options.logger.child({}) as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: refuseUnroutable,
    genReqId: () => randomUUID(),
    requestTimeout: requestTimeoutMs,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength },
  });
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.setErrorHandler(sendPlainError);
  app.addHook('onRequest', nameRequest);
  app.addHook('onRequest', refuseForeignPage);
  app.addHook('onRequest', refuseUnknownRoute);
  app.addHook('onResponse', logRequest);
  await app.register(swagger, { openapi: { openapi: '3.1.0', info: about(options.version) } });
  await app.register(async (scope: Api) => lambdaScope(scope, options));
  await app.register(async (scope: Api) => plainScope(scope, options));
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  return app;
}

function about(version: string) {
  return {
    title: 'ballast',
    version,
    description: 'The Lambda API for functions, and /v1 for the host and its instances.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  };
}

async function lambdaScope(scope: Api, context: ApiContext): Promise<void> {
  scope.setErrorHandler(sendLambdaError);
  await scope.register(async (functions: Api) => {
    acceptJson(functions);
    functions.addHook('onRoute', (route) => {
      route.bodyLimit = functionBodyLimit;
    });
    boundUploads(functions, maxUploadBytes);
    functions.addHook('preValidation', async (request) => {
      request.body = withoutIdleMembers(request.body);
    });
    functionRoutes(functions, context);
    configurationRoutes(functions, context);
    codeRoutes(functions, context);
    versionRoutes(functions, context);
  });
  await scope.register(async (invocations: Api) => {
    acceptBytes(invocations);
    invocationRoutes(invocations, context);
  });
}

async function plainScope(scope: Api, context: ApiContext): Promise<void> {
  acceptJson(scope);
  instanceRoutes(scope, context);
  templateRoutes(scope, context);
  sizingRoutes(scope, context);
  hostRoutes(scope, context);
  metricsRoute(scope, context);
  codeDownloadRoute(scope, context);
}

/** Clients of the Lambda API show this header in their errors. */
async function nameRequest(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.header('x-amzn-requestid', request.id);
}

async function logRequest(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { method, url } = request;
  const ms = Math.round(reply.elapsedTime);
  request.log.info({ method, url, status: reply.statusCode, ms }, 'answered');
}

/** Functions: create, list, describe, delete. */
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { BallastError } from '../../model/errors.js';
import type { Api, ApiContext } from '../context.js';
import { readFunctionName } from '../functionName.js';
import { functionView } from '../functionView.js';
import {
  CreateFunctionBody,
  FunctionConfiguration,
  FunctionDescription,
  FunctionList,
  FunctionParams,
  ListQuery,
  QualifierQuery,
} from '../schemas/function.js';
import { newSettings } from '../settings.js';
import { decodeZipFile } from '../zipFile.js';

const path = '/2015-03-31/functions';
const defaultPage = 50;

export function functionRoutes(app: Api, context: ApiContext): void {
  createRoute(app, context);
  listRoute(app, context);
  getRoute(app, context);
  deleteRoute(app, context);
}

function createRoute(app: Api, { identity, store, service, runtimes }: ApiContext): void {
  app.post(
    path,
    {
      schema: {
        operationId: 'CreateFunction',
        body: CreateFunctionBody,
        response: { 201: FunctionConfiguration },
      },
    },
    async (request, reply) => {
      const functionName = readFunctionName(request.body.FunctionName, identity);
      const settings = newSettings(functionName, request.body, {
        runtimes,
        checkSize: (requestedMib) => service.checkSize(requestedMib),
      });
      const fn = await store.create(settings, decodeZipFile(request.body.Code.ZipFile));
      return reply.code(201).send(functionView(fn, identity));
    },
  );
}

function listRoute(app: Api, { identity, store }: ApiContext): void {
  app.get(
    path,
    {
      schema: {
        operationId: 'ListFunctions',
        querystring: ListQuery,
        response: { 200: FunctionList },
      },
    },
    async (request) => {
      const { Marker, MaxItems = defaultPage } = request.query;
      const page = store.list(readMarker(Marker), Math.min(MaxItems, defaultPage));
      return {
        Functions: page.functions.map((fn) => functionView(fn, identity)),
        ...(page.nextAfterName === null ? {} : { NextMarker: writeMarker(page.nextAfterName) }),
      };
    },
  );
}

function getRoute(app: Api, { identity, store }: ApiContext): void {
  app.get(
    `${path}/:functionName`,
    {
      schema: {
        operationId: 'GetFunction',
        params: FunctionParams,
        querystring: QualifierQuery,
        response: { 200: FunctionDescription },
      },
    },
    async (request) => {
      const { functionName } = request.params;
      const fn = store.get(readFunctionName(functionName, identity, request.query.Qualifier));
      return {
        Configuration: functionView(fn, identity),
        Code: { RepositoryType: 'ballast', Location: codeLocation(request, fn.functionName) },
      };
    },
  );
}

function deleteRoute(app: Api, { identity, store, service }: ApiContext): void {
  app.delete(
    `${path}/:functionName`,
    {
      schema: {
        operationId: 'DeleteFunction',
        params: FunctionParams,
        querystring: QualifierQuery,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      const { Qualifier } = request.query;
      const functionName = readFunctionName(request.params.functionName, identity, Qualifier);
      store.delete(functionName);
      service.retire(functionName, null);
      return reply.code(204).send(null);
    },
  );
}

function codeLocation(request: FastifyRequest, functionName: string): string {
  return `http://${request.host || 'localhost'}/v1/functions/${functionName}/code`;
}

function writeMarker(name: string): string {
  return Buffer.from(name).toString('base64url');
}

function readMarker(marker: string | undefined): string {
  if (marker === undefined || marker === '') return '';
  const name = Buffer.from(marker, 'base64url').toString();
  if (writeMarker(name) === marker) return name;
  throw new BallastError(
    'INVALID_PARAMETER',
    `Marker is '${marker.slice(0, 100)}', which is not the NextMarker of a page before.`,
  );
}

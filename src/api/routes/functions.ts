/** Functions: create, list, describe, delete. */
import { Type } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import { BallastError } from '../../model/errors.js';
import { latestVersion, type VersionName } from '../../model/function.js';
import type { Api, ApiContext } from '../context.js';
import { namingOf, readFunctionName, readWholeFunctionName } from '../functionName.js';
import { functionView } from '../functionView.js';
import { readMarker, writeMarker } from '../marker.js';
import {
  CreateFunctionBody,
  FunctionConfiguration,
  FunctionDescription,
  FunctionList,
  FunctionParams,
  ListQuery,
  maxPageItems,
  QualifierQuery,
} from '../schemas/function.js';
import { newSettings } from '../settings.js';
import { decodeZipFile } from '../zipFile.js';

const path = '/2015-03-31/functions';

export function functionRoutes(app: Api, context: ApiContext): void {
  createRoute(app, context);
  listRoute(app, context);
  getRoute(app, context);
  deleteRoute(app, context);
}

function createRoute(app: Api, context: ApiContext): void {
  const { identity, store, service, activation, runtimes } = context;
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
      const { body } = request;
      const functionName = readWholeFunctionName(body.FunctionName, identity);
      const settings = newSettings(functionName, body, {
        runtimes,
        checkSize: (requestedMib) => service.checkSize(requestedMib),
      });
      const zip = decodeZipFile(body.Code.ZipFile);
      const fn = await store.create(settings, zip, { publish: body.Publish });
      activation.begin(fn);
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
      const { Marker, MaxItems = maxPageItems, FunctionVersion } = request.query;
      const count = Math.min(MaxItems, maxPageItems);
      const after = readAfter(Marker);
      const withVersions = FunctionVersion === 'ALL';
      const page = withVersions ? store.listAll(after, count) : store.list(after, count);
      const naming = withVersions ? 'qualified' : 'unqualified';
      const { next } = page;
      return {
        Functions: page.functions.map((fn) => functionView(fn, identity, naming)),
        ...(next === null
          ? {}
          : { NextMarker: writeMarker(`${next.functionName}:${next.version}`) }),
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
      const asked = readFunctionName(functionName, identity, request.query.Qualifier);
      const fn = store.get(asked.functionName, asked.version);
      return {
        Configuration: functionView(fn, identity, namingOf(asked)),
        Code: { RepositoryType: 'ballast', Location: codeLocation(request, fn) },
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
      const asked = readFunctionName(request.params.functionName, identity, Qualifier);
      const { functionName, version, qualifier } = asked;
      if (qualifier === undefined) store.delete(functionName);
      else store.deleteVersion(versionToDelete(asked));
      service.retire(functionName, null, qualifier === undefined ? undefined : version);
      return reply.code(204).send(null);
    },
  );
}

/** @throws BallastError INVALID_PARAMETER for what is not deleted by itself */
function versionToDelete({ functionName, version }: VersionName): VersionName {
  if (/^\d+$/.test(version)) return { functionName, version };
  throw new BallastError(
    'INVALID_PARAMETER',
    version === latestVersion
      ? '$LATEST version cannot be deleted without deleting the function. Leave the Qualifier out.'
      : `Qualifier is '${version.slice(0, 128)}': the number of a published version is allowed, ` +
          'since there are no aliases.',
  );
}

function codeLocation(request: FastifyRequest, { functionName, version }: VersionName): string {
  const name = version === latestVersion ? functionName : `${functionName}:${version}`;
  return `http://${request.host || 'localhost'}/v1/functions/${name}/code`;
}

function readAfter(marker: string | undefined): VersionName | null {
  const text = readMarker(marker);
  if (text === null) return null;
  const [functionName = '', version = latestVersion] = text.split(':');
  return { functionName, version };
}

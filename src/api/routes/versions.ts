/** Published versions: publish, list. */
import type { Api, ApiContext } from '../context.js';
import { readWholeFunctionName } from '../functionName.js';
import { functionView } from '../functionView.js';
import { readMarker, writeMarker } from '../marker.js';
import {
  FunctionConfiguration,
  FunctionParams,
  maxPageItems,
  PageQuery,
  PublishVersionBody,
  VersionList,
} from '../schemas/function.js';

const path = '/2015-03-31/functions/:functionName/versions';

export function versionRoutes(app: Api, { identity, store, activation }: ApiContext): void {
  app.post(
    path,
    {
      schema: {
        operationId: 'PublishVersion',
        params: FunctionParams,
        body: PublishVersionBody,
        response: { 201: FunctionConfiguration },
      },
      // All of it may be left out, and then some clients send nothing.
      preValidation: async (request) => {
        request.body ??= {};
      },
    },
    async (request, reply) => {
      const { CodeSha256, Description, RevisionId } = request.body;
      const functionName = readWholeFunctionName(request.params.functionName, identity);
      const fn = store.publish(functionName, {
        codeSha256: CodeSha256,
        description: Description,
        revisionId: RevisionId,
      });
      activation.begin(fn);
      return reply.code(201).send(functionView(fn, identity, 'qualified'));
    },
  );

  app.get(
    path,
    {
      schema: {
        operationId: 'ListVersionsByFunction',
        params: FunctionParams,
        querystring: PageQuery,
        response: { 200: VersionList },
      },
    },
    async (request) => {
      const { Marker, MaxItems = maxPageItems } = request.query;
      const functionName = readWholeFunctionName(request.params.functionName, identity);
      const count = Math.min(MaxItems, maxPageItems);
      const page = store.listVersions(functionName, readMarker(Marker), count);
      return {
        Versions: page.functions.map((fn) => functionView(fn, identity, 'qualified')),
        ...(page.next === null ? {} : { NextMarker: writeMarker(page.next.version) }),
      };
    },
  );
}

/** A function's code: replace it, read it back. */
import { latestVersion } from '../../model/function.js';
import type { Api, ApiContext } from '../context.js';
import { readFunctionName, readWholeFunctionName } from '../functionName.js';
import { functionView } from '../functionView.js';
import { retireOthers } from '../retirement.js';
import { FunctionConfiguration, FunctionParams, UpdateCodeBody } from '../schemas/function.js';
import { decodeZipFile } from '../zipFile.js';

export function codeRoutes(app: Api, context: ApiContext): void {
  const { identity, store, activation } = context;

  app.put(
    '/2015-03-31/functions/:functionName/code',
    {
      schema: {
        operationId: 'UpdateFunctionCode',
        params: FunctionParams,
        body: UpdateCodeBody,
        response: { 200: FunctionConfiguration },
      },
    },
    async (request) => {
      const { ZipFile, RevisionId, DryRun, Publish } = request.body;
      const functionName = readWholeFunctionName(request.params.functionName, identity);
      const change = { revisionId: RevisionId, dryRun: DryRun, publish: Publish };
      const fn = await store.updateCode(functionName, decodeZipFile(ZipFile), change);
      retireOthers(context, functionName, latestVersion);
      activation.begin(fn);
      return functionView(fn, identity, Publish === true ? 'qualified' : 'unqualified');
    },
  );
}

export function codeDownloadRoute(app: Api, { identity, store }: ApiContext): void {
  app.get(
    '/v1/functions/:functionName/code',
    { schema: { summary: "A function's zip, as it was uploaded", params: FunctionParams } },
    async (request, reply) => {
      const { functionName, version } = readFunctionName(request.params.functionName, identity);
      const zip = await store.readZip(functionName, version);
      return reply
        .type('application/zip')
        .header('content-disposition', `attachment; filename="${functionName}.zip"`)
        .send(zip);
    },
  );
}

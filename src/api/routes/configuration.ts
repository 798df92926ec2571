/** A function's configuration: read, update. */
import type { Api, ApiContext } from '../context.js';
import { namingOf, readFunctionName, readWholeFunctionName } from '../functionName.js';
import { functionView } from '../functionView.js';
import {
  FunctionConfiguration,
  FunctionParams,
  QualifierQuery,
  UpdateConfigurationBody,
} from '../schemas/function.js';
import { changedSettings } from '../settings.js';

const path = '/2015-03-31/functions/:functionName/configuration';

export function configurationRoutes(app: Api, context: ApiContext): void {
  const { identity, store, service } = context;

  app.get(
    path,
    {
      schema: {
        operationId: 'GetFunctionConfiguration',
        params: FunctionParams,
        querystring: QualifierQuery,
        response: { 200: FunctionConfiguration },
      },
    },
    async (request) => {
      const { functionName } = request.params;
      const asked = readFunctionName(functionName, identity, request.query.Qualifier);
      const fn = store.get(asked.functionName, asked.version);
      return functionView(fn, identity, namingOf(asked));
    },
  );

  app.put(
    path,
    {
      schema: {
        operationId: 'UpdateFunctionConfiguration',
        params: FunctionParams,
        body: UpdateConfigurationBody,
        response: { 200: FunctionConfiguration },
      },
    },
    async (request) => {
      const { body } = request;
      const fn = store.updateConfiguration(
        readWholeFunctionName(request.params.functionName, identity),
        (present) =>
          changedSettings(present, body, {
            runtimes: context.runtimes,
            checkSize: (requestedMib) => service.checkSize(requestedMib),
          }),
        { revisionId: body.RevisionId },
      );
      service.retire(fn.functionName, fn.revisionId, fn.version);
      return functionView(fn, identity);
    },
  );
}

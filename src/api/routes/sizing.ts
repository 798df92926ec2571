/** What a function needs of memory, and the size that follows from it. */
import type { Api, ApiContext } from '../context.js';
import { readWholeFunctionName } from '../functionName.js';
import { FunctionParams } from '../schemas/function.js';
import { FunctionMemory } from '../schemas/plain.js';

export function sizingRoutes(app: Api, { identity, store, service }: ApiContext): void {
  app.get(
    '/v1/functions/:functionName/memory',
    {
      schema: {
        summary: "What a function's invocations needed of memory, and a size that is enough",
        params: FunctionParams,
        response: { 200: FunctionMemory },
      },
    },
    async (request) => {
      const fn = store.get(readWholeFunctionName(request.params.functionName, identity));
      const { functionName, memoryMib } = fn;
      const { needs, ...sizing } = service.sizing(functionName);
      return { functionName, memoryMib, ...sizing, needs: [...needs] };
    },
  );
}

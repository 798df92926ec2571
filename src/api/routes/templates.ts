/** Templates: what new instances begin as copies of. */
import { BallastError } from '../../model/errors.js';
import type { Api, ApiContext } from '../context.js';
import { Template, TemplateList, TemplateParams } from '../schemas/template.js';

export function templateRoutes(app: Api, { templates, runtimes }: ApiContext): void {
  app.get(
    '/v1/templates',
    { schema: { summary: 'What each template is at', response: { 200: TemplateList } } },
    async () => ({ templates: [...templates.templates()] }),
  );

  app.put(
    '/v1/templates/:runtime',
    {
      schema: {
        summary: 'Have the template of a runtime made; answers when it is there',
        params: TemplateParams,
        response: { 200: Template },
      },
    },
    async (request) => {
      const { runtime } = request.params;
      if (!runtimes.includes(runtime)) throw unknownRuntime(runtime, runtimes);
      await templates.buildTemplate(runtime);
      const made = templates.templates().find((one) => one.of === runtime);
      if (made !== undefined) return made;
      throw new BallastError('INTERNAL', `The template of ${runtime} has gone again. Try again.`);
    },
  );
}

function unknownRuntime(runtime: string, runtimes: readonly string[]): BallastError {
  return new BallastError(
    'INVALID_RUNTIME',
    `The guest image has no runtime '${runtime}'. It has ${runtimes.join(', ')}.`,
  );
}

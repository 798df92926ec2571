/** The host, and whether the service answers. */
import type { Api, ApiContext } from '../context.js';
import { Health, Host } from '../schemas/plain.js';

export function hostRoutes(app: Api, { service }: ApiContext): void {
  app.get(
    '/v1/host',
    { schema: { summary: 'Budget, accelerator, versions, runtimes', response: { 200: Host } } },
    async () => {
      const host = await service.host();
      return { ...host, runtimes: [...host.runtimes] };
    },
  );

  app.get(
    '/healthz',
    {
      logLevel: 'warn',
      schema: { summary: 'Answers while the service runs', response: { 200: Health } },
    },
    async () => ({ status: 'ok' as const }),
  );
}

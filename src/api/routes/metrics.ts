import type { Api, ApiContext } from '../context.js';

export function metricsRoute(app: Api, { service, metrics }: ApiContext): void {
  app.get(
    '/metrics',
    {
      logLevel: 'warn',
      schema: { summary: 'Counts, times and sizes for Prometheus', produces: ['text/plain'] },
    },
    async (_request, reply) => reply.type(metrics.contentType).send(await metrics.text(service)),
  );
}

/** The calls about templates that the commands make. */
import { setTimeout as delay } from 'node:timers/promises';
import type { TemplateView } from '../model/template.js';
import { jsonOf } from './answer.js';
import type { Client } from './client.js';

/** To boot a guest and load a runtime takes seconds, or many of them where all is emulated. */
const buildTimeoutMs = 10 * 60_000;
const pollMs = 500;

export async function listTemplates(client: Client): Promise<readonly TemplateView[]> {
  const answer = await client.send({ method: 'GET', path: '/v1/templates' });
  return jsonOf<{ readonly templates: readonly TemplateView[] }>(answer).templates;
}

/**
 * Has the template of a runtime made, and waits for it.
 * @param onStage Told what is being done, whenever that changes
 * @throws CliError with the service's reason where it cannot be made
 */
export async function buildTemplate(
  client: Client,
  runtime: string,
  onStage: (stage: string) => void,
): Promise<TemplateView> {
  const watching = new AbortController();
  const watched = watchStages(client, runtime, onStage, watching.signal);
  try {
    const path = `/v1/templates/${encodeURIComponent(runtime)}`;
    const timeoutMs = buildTimeoutMs;
    return jsonOf<TemplateView>(await client.send({ method: 'PUT', path, timeoutMs }));
  } finally {
    watching.abort();
    await watched;
  }
}

/** What cannot be seen is not told: the build itself says how it ended. */
async function watchStages(
  client: Client,
  runtime: string,
  onStage: (stage: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let told: string | null = null;
  while (!signal.aborted) {
    await delay(pollMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    const templates = await listTemplates(client).catch(() => []);
    const stage = templates.find(({ of }) => of === runtime)?.stage ?? null;
    if (stage !== null && stage !== told) onStage(stage);
    told = stage;
  }
}

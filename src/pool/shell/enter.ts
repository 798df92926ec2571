/** Has the guest of a shell run: it goes on where its template was stopped. */
import { AgentClient, type AgentHandlers } from '../../agent/client.js';
import { loadState } from '../template/migration.js';
import type { Shell } from './shell.js';

export interface Entry {
  readonly handlers: AgentHandlers;
  readonly signal: AbortSignal;
  /** What is to be done between the state's load and the guest's first step. */
  readonly beforeRun: () => Promise<void>;
}

/** @throws Error; nobody holds the channel then */
export async function enter(shell: Shell, entry: Entry): Promise<AgentClient> {
  const { template, domain } = shell;
  const { handlers, signal, beforeRun } = entry;
  // Whatever fails first ends the wait for the other.
  const failed = new AbortController();
  const connecting = AgentClient.connect(shell.channelPath, {
    ...handlers,
    signal: AbortSignal.any([signal, failed.signal]),
  });
  connecting.catch(() => {});
  try {
    await loadState(domain, template.statePath, template.method, signal);
    await beforeRun();
    await domain.resume({ signal });
    const { client } = await connecting;
    return client;
  } catch (error) {
    failed.abort();
    void connecting.then(({ client }) => client.close()).catch(() => {});
    throw error;
  }
}

import type { Connection, Domain, LifecycleEventName } from '../../lib/index.js';
import { within } from './within.js';

/**
 * Watches before it returns, so that no event is missed; `until` resolves with all that came, as
 * `name event`, once the last has come.
 */
export async function recordLifecycle(connection: Connection, domain?: Domain) {
  const seen: string[] = [];
  let arrived: () => void = () => undefined;
  await connection.watch(
    'lifecycle',
    ({ event, domain: { name } }) => {
      seen.push(`${name} ${event}`);
      arrived();
    },
    { domain },
  );
  const until = async (last: `${string} ${LifecycleEventName}`): Promise<string[]> => {
    const came = (async () => {
      while (!seen.includes(last)) {
        await new Promise<void>((resolve) => {
          arrived = resolve;
        });
      }
    })();
    await within(`the event "${last}"`, came);
    return seen;
  };
  return { until };
}

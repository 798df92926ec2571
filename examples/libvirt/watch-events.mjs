// Run it as: node watch-events.mjs [URI]; Ctrl-C ends it.
import { connect } from 'ballast/libvirt';

const connection = await connect(process.argv[2] ?? 'qemu:///system', { readOnly: true });
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
// Waiting for events does not keep a process alive; a timer does.
const alive = setInterval(() => {}, 60_000);

const events = connection.events('lifecycle', { signal: interrupted.signal });
try {
  await events.start();
  console.log(`watching ${connection.uri}`);
  for await (const { domain, event } of events) console.log(`${domain.name}: ${event}`);
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
  console.log(`${events.dropped} events were dropped`);
} finally {
  clearInterval(alive);
  await connection.close();
}

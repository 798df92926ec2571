// Run it as: node resize-memory.mjs URI DOMAIN MIB.
import { connect, SettleTimeoutError } from 'ballast/libvirt';

const [uri, name, sizeMib] = process.argv.slice(2);
const requestedKib = Number(sizeMib) * 1024;

const connection = await connect(uri);
try {
  const domain = await connection.lookupByName(name);
  const [device] = await domain.memory.devices();
  if (device === undefined) throw new Error(`${name} has no virtio-mem device`);
  await device.setRequested(requestedKib);
  const currentKib = await device.settled(requestedKib, { timeoutMs: 30_000 });
  console.log(`${device.alias} has ${currentKib / 1024} of ${device.sizeKib / 1024} MiB plugged`);
} catch (error) {
  if (!(error instanceof SettleTimeoutError)) throw error;
  console.log(`the guest stopped at ${error.currentKib / 1024} of ${sizeMib} MiB`);
} finally {
  await connection.close();
}

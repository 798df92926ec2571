// Run it as: node talk-qmp.mjs URI DOMAIN.
import { connect, QmpError } from 'ballast/libvirt';

const [uri, name] = process.argv.slice(2);

const connection = await connect(uri);
try {
  const domain = await connection.lookupByName(name);
  const { qemu } = await domain.qmp('query-version');
  console.log(`QEMU ${qemu.major}.${qemu.minor}.${qemu.micro}`);
  for (const { type, data } of await domain.qmp('query-memory-devices')) {
    console.log(`${type} ${data.id}: ${data.size} bytes`);
  }
  await domain.qmp('qom-get', { path: '/machine', property: 'colour' });
} catch (error) {
  if (!(error instanceof QmpError)) throw error;
  console.log(`${error.command}: ${error.errorClass}, ${error.description}`);
} finally {
  await connection.close();
}

// Run it as: node list-domains.mjs [URI].
import { connect } from 'ballast/libvirt';

const connection = await connect(process.argv[2] ?? 'test:///default', { readOnly: true });
try {
  for (const domain of await connection.listDomains()) {
    const { state, memoryKib, vcpus } = await domain.info();
    console.log(`${domain.name}: ${state}, ${memoryKib / 1024} MiB, ${vcpus} vCPUs`);
  }
} finally {
  await connection.close();
}

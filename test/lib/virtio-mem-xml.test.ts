import t from 'tap';
import { readMemoryDevices, requestedXml } from '../../lib/virtio-mem-xml.js';

const device = (alias: string, requestedKib: number) => `
    <memory model='virtio-mem'>
      <target>
        <size unit='KiB'>262144</size>
        <node>0</node>
        <block unit='KiB'>2048</block>
        <requested unit='KiB'>${requestedKib}</requested>
        <current unit='KiB'>0</current>
      </target>
      <alias name='${alias}'/>
    </memory>`;

const xml = `<domain><memory unit='KiB'>1</memory><devices>
  <memory model='dimm'><alias name='dimm0'/></memory>
  ${device('virtiomem0', 4096)}${device('virtiomem1', 0)}</devices></domain>`;

t.test('the devices are read, and no others', async (t) => {
  t.same(
    readMemoryDevices(xml).map(({ alias, requestedKib }) => `${alias} ${requestedKib}`),
    ['virtiomem0 4096', 'virtiomem1 0'],
  );
  t.match(readMemoryDevices(xml)[0], { sizeKib: 262_144, blockKib: 2048, currentKib: 0 });
  t.same(readMemoryDevices('<domain/>'), []);
});

t.test('a wish changes one device', async (t) => {
  t.equal(requestedXml(xml, 'virtiomem1', 2048), device('virtiomem1', 2048).trim());
  t.throws(() => requestedXml(xml, 'virtiomem2', 0), { message: /virtiomem2/ });
});

import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import t from 'tap';
import { ownerOf } from '../../../src/pool/domainView.js';
import { type DomainSpec, domainXml } from '../../../src/pool/domainXml.js';
import { domainSpec } from '../../support/domainSpec.js';
import { openEmbed } from '../../support/embed.js';

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  trimValues: false,
  isArray: (name) => name === 'disk',
});
const parse = (xml: string) => parser.parse(xml).domain;

/** Characters that mean something in XML, and others. */
const text = fc.string({ unit: fc.constantFrom(...`<>&'"; \${}%a1_é]-`), minLength: 1 });
const special = `a&b<c>d"e'f]]>&amp;`;

t.test('whatever the names are, the XML is well-formed and says them', async (t) => {
  fc.assert(
    fc.property(text, text, text, (name, ownerId, path) => {
      const xml = domainXml(domainSpec({ name, ownerId, kernelPath: path, channelPath: path }));
      if (XMLValidator.validate(xml) !== true) return false;
      const { metadata, os, devices, ...domain } = parse(xml);
      return (
        domain.name === name &&
        metadata['ballast:instance']['@_owner'] === ownerId &&
        os.kernel === path &&
        devices.channel.source['@_path'] === path
      );
    }),
  );
  t.pass();
});

t.test('an attribute that reads true keeps its value', async (t) => {
  t.equal(ownerOf(domainXml(domainSpec({ ownerId: 'true' }))), 'true');
});

t.test('memory without anything to plug: all of it at boot', async (t) => {
  const whole = { '@_unit': 'MiB', '#text': '1376' };
  const ballooned = parse(domainXml(domainSpec({ mechanism: 'balloon' })));
  t.match(ballooned, { memory: whole, currentMemory: { '@_unit': 'MiB', '#text': '482' } });
  t.same(ballooned.devices.memballoon, {
    '@_model': 'virtio',
    '@_autodeflate': 'off',
    '@_freePageReporting': 'off',
  });
  const held = parse(domainXml(domainSpec({ mechanism: 'process' })));
  t.match(held, { memory: whole, devices: { memballoon: { '@_model': 'none' } } });
  for (const domain of [ballooned, held]) {
    t.equal(domain.cpu.numa.cell['@_memory'], '1376');
    t.notOk('maxMemory' in domain || 'memory' in domain.devices);
  }
});

t.test('memory: a floor in the only cell, and all that may be plugged', async (t) => {
  const domain = parse(domainXml(domainSpec()));
  t.same(domain.maxMemory, { '@_slots': '1', '@_unit': 'MiB', '#text': '1376' });
  t.same(domain.memory, { '@_unit': 'MiB', '#text': '352' });
  t.same(domain.cpu.numa.cell, {
    '@_id': '0',
    '@_cpus': '0-1',
    '@_memory': '352',
    '@_unit': 'MiB',
  });
  t.match(domain.devices.memory, {
    '@_model': 'virtio-mem',
    target: {
      size: { '#text': `${1024 * 1024}` },
      block: { '#text': '2048' },
      requested: { '#text': `${130 * 1024}` },
    },
  });
});

t.test('one processor is a range of its own', async (t) => {
  t.equal(parse(domainXml(domainSpec({ vcpus: 1 }))).cpu.numa.cell['@_cpus'], '0');
});

t.test('only the scratch disk can be written', async (t) => {
  const { disk } = parse(domainXml(domainSpec())).devices;
  const written = disk.map((one: Record<string, unknown>) => [one.serial, 'readonly' in one]);
  t.same(written, [
    ['ballast-root', true],
    ['ballast-task', true],
    ['ballast-scratch', false],
  ]);
});

t.test('the accelerator decides type, processor, translation cache and addresses', async (t) => {
  const tcg = parse(domainXml(domainSpec()));
  t.match([tcg['@_type'], tcg.cpu['@_mode']], ['qemu', 'maximum']);
  t.match(tcg.cpu.feature, { '@_policy': 'disable', '@_name': 'erms' });
  t.equal(tcg.features.tcg['tb-cache']['#text'], '128');
  t.match(tcg.os.cmdline, / norandmaps maxcpus=1 lpj=\d+$/);
  const kvm = parse(domainXml(domainSpec({ accelerator: 'kvm' })));
  t.match([kvm['@_type'], kvm.cpu['@_mode']], ['kvm', 'host-passthrough']);
  t.equal(kvm.cpu.feature, undefined, 'its processors are what they say');
  t.notOk('tcg' in kvm.features);
  t.notMatch(kvm.os.cmdline, /norandmaps|maxcpus/);
});

t.test('libvirt takes it by its own schema, and gives back what was said', async (t) => {
  const connection = await openEmbed(t);
  const spec = domainSpec({
    name: `ballast-${special}`,
    taskPath: `/code/${special}`,
    channelPath: `/instances/${special}`,
    ram: { path: `/templates/${special}/boot.ram`, isShared: true },
    isIncoming: true,
  });
  const domain = await connection.defineDomain(domainXml(spec), { validate: true });
  const xml = await domain.xml({ inactive: true });
  await domain.undefine();
  t.equal(ownerOf(xml), spec.ownerId);
  const { devices, name, genid, 'qemu:commandline': commandLine } = parse(xml);
  t.equal(name, spec.name);
  t.equal(genid, spec.generationId);
  t.match(commandLine['qemu:env'], [
    { '@_name': 'BALLAST_RAM_PATH', '@_value': spec.ram?.path },
    { '@_name': 'BALLAST_RAM_SHARE', '@_value': 'on' },
  ]);
  t.equal(devices.disk[1].source['@_file'], spec.taskPath);
  t.equal(devices.channel.source['@_path'], spec.channelPath);
  t.equal(devices.memory.alias['@_name'], 'ua-elastic');
  t.equal(devices.memory.target.requested['#text'], `${130 * 1024}`);
});

t.test(
  'each machine has a generation of its own, and its own emulator where it has one',
  async (t) => {
    const domain = parse(domainXml(domainSpec({ generationId: 'a-generation' })));
    t.equal(domain.genid, 'a-generation');
    t.notOk('emulator' in domain.devices);
    const emulatorPath = `/launcher/${special}`;
    const replaced = parse(domainXml(domainSpec({ emulatorPath })));
    t.equal(replaced.devices.emulator, emulatorPath);
  },
);

/** What QEMU is told on its command line and in its environment. */
const told = (changes: Partial<DomainSpec>) => {
  const line = parse(domainXml(domainSpec(changes)))['qemu:commandline'];
  const named = (one: Record<string, string>) => [one['@_name'], one['@_value']];
  return {
    args: line['qemu:arg'].map((one: Record<string, string>) => one['@_value']),
    environment: Object.fromEntries([line['qemu:env'] ?? []].flat().map(named)),
  };
};

t.test('a machine that boots has no file for its memory, and waits for nothing', async (t) => {
  const { args, environment } = told({});
  t.notOk(args.includes('-incoming'));
  t.same(environment, {});
});

t.test('a shell waits for a state, with a memory of its own or of a file', async (t) => {
  const { args, environment } = told({ isIncoming: true });
  t.same(args.slice(-2), ['-incoming', 'defer']);
  t.same(environment, {});
  for (const [isShared, share] of [
    [true, 'on'],
    [false, 'off'],
  ] as const) {
    const path = `/proc/1/fd/3${special}`;
    t.same(told({ ram: { path, isShared } }).environment, {
      BALLAST_RAM_PATH: path,
      BALLAST_RAM_SHARE: share,
    });
  }
});

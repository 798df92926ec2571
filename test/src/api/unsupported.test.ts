import t from 'tap';
import { withoutIdleMembers } from '../../../src/api/unsupported.js';

t.test('members that ask for nothing are taken out', async (t) => {
  const idle = {
    Architectures: ['x86_64'],
    LoggingConfig: { LogFormat: 'Text' },
    PackageType: 'Zip',
    TracingConfig: { Mode: 'PassThrough' },
    DeadLetterConfig: { TargetArn: '' },
    FileSystemConfigs: null,
    ImageConfig: { Command: [], EntryPoint: [] },
    KMSKeyArn: '',
    Layers: [],
    Tags: {},
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [], Ipv6AllowedForDualStack: false },
  };
  t.same(withoutIdleMembers({ FunctionName: 'hello', ...idle }), { FunctionName: 'hello' });
});

t.test('members that ask for something are left to be refused', async (t) => {
  const asking = {
    Architectures: ['arm64'],
    LoggingConfig: { LogFormat: 'JSON' },
    PackageType: 'Image',
    TracingConfig: { Mode: 'Active' },
    DeadLetterConfig: { TargetArn: 'arn' },
    KMSKeyArn: 'key',
    Layers: [0],
    Tags: { team: '' },
    VpcConfig: { SubnetIds: [''], SecurityGroupIds: ['g'] },
  };
  t.same(withoutIdleMembers(asking), asking);
});

t.test('what is offered, and what nobody knows, is left as it is', async (t) => {
  const others = { Description: '', Environment: null, Publish: false, Unknown: [] };
  t.same(withoutIdleMembers(others), others);
});

t.test('what is no object is left to the schema', async (t) => {
  for (const body of [null, undefined, 'text', 7, [{ Tags: {} }]]) {
    t.equal(withoutIdleMembers(body), body);
  }
});

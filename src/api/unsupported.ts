/**
 * Members of the Lambda API that ballast does not offer. One that asks for nothing is let pass,
 * since clients send such; one that asks for something is refused: ignoring it would be a lie.
 */

/** Values that ask for what is done anyway. */
const harmless: Readonly<Record<string, unknown>> = {
  Architectures: ['x86_64'],
  LoggingConfig: { LogFormat: 'Text' },
  PackageType: 'Zip',
  TracingConfig: { Mode: 'PassThrough' },
};

const unsupported = [
  ...Object.keys(harmless),
  'CapacityProviderConfig',
  'CodeSigningConfigArn',
  'DeadLetterConfig',
  'DurableConfig',
  'FileSystemConfigs',
  'ImageConfig',
  'KMSKeyArn',
  'Layers',
  'Tags',
  'VpcConfig',
] as const;

/** The body without the members that ask for nothing. What is no object is left to the schema. */
export function withoutIdleMembers(body: unknown): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const entries = Object.entries(body).filter(
    ([name, value]) => !(unsupported.some((known) => known === name) && asksNothing(name, value)),
  );
  return Object.fromEntries(entries);
}

function asksNothing(name: string, value: unknown): boolean {
  // A tag's value may be empty: its name asks already.
  if (name === 'Tags') return isEmpty(value) && Object.keys(value ?? {}).length === 0;
  return isEmpty(value) || JSON.stringify(value) === JSON.stringify(harmless[name]);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.values(value).every(isEmpty);
}

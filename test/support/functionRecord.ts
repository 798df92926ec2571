import type { FunctionRecord } from '../../src/model/function.js';

/** A deployed function, as complete as one can be without a store. */
export function functionRecord(
  functionName: string,
  overrides: Partial<FunctionRecord> = {},
): FunctionRecord {
  return {
    functionName,
    version: '$LATEST',
    revisionId: 'first',
    runtime: 'nodejs20.x',
    handler: 'index.handler',
    role: 'arn:aws:iam::000000000000:role/ballast',
    description: '',
    memoryMib: 128,
    ephemeralMib: 512,
    timeoutSeconds: 3,
    environment: {},
    snapStart: 'None',
    state: { kind: 'active' },
    code: { sha256: '0'.repeat(64), zipBytes: 1, imagePath: '/nowhere/code.erofs' },
    lastModified: '2026-01-31T12:00:00.000+0000',
    ...overrides,
  };
}

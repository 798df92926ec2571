/** How the Lambda API shows a function. */
import type { FunctionRecord } from '../model/function.js';
import { type FunctionIdentity, functionArn } from '../model/identity.js';
import type { FunctionConfiguration } from './schemas/function.js';

export function functionView(
  fn: FunctionRecord,
  identity: FunctionIdentity,
): FunctionConfiguration {
  const hasEnvironment = Object.keys(fn.environment).length > 0;
  return {
    FunctionName: fn.functionName,
    FunctionArn: functionArn(identity, fn.functionName),
    Runtime: fn.runtime,
    Role: fn.role,
    Handler: fn.handler,
    CodeSize: fn.code.zipBytes,
    Description: fn.description,
    Timeout: fn.timeoutSeconds,
    MemorySize: fn.memoryMib,
    LastModified: fn.lastModified,
    CodeSha256: Buffer.from(fn.code.sha256, 'hex').toString('base64'),
    Version: fn.version,
    ...(hasEnvironment ? { Environment: { Variables: fn.environment } } : {}),
    TracingConfig: { Mode: 'PassThrough' },
    RevisionId: fn.revisionId,
    // A function is there when it was answered for: nothing is left to wait for.
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: ['x86_64'],
    EphemeralStorage: { Size: fn.ephemeralMib },
  };
}

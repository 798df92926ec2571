/** The ways in which the Lambda API lets a caller name a function, and a version of it. */
import { BallastError } from '../model/errors.js';
import { latestVersion, type VersionName } from '../model/function.js';
import { type FunctionIdentity, functionArn } from '../model/identity.js';

const name = '(?<name>[a-zA-Z0-9-_]{1,64})';
const suffix = '(?::(?<qualifier>\\$LATEST|[a-zA-Z0-9-_]{1,128}))?';
const plain = new RegExp(`^${name}${suffix}$`);
const partial = new RegExp(`^(?<account>\\d{12}):function:${name}${suffix}$`);
const full = new RegExp(
  `^arn:aws:lambda:(?<region>[a-z0-9-]+):(?<account>\\d{12}):function:${name}${suffix}$`,
);

export interface FunctionReference extends VersionName {
  /** The version as it was named; absent where it was not. */
  readonly qualifier?: string;
}

/**
 * Reads `name`, `name:qualifier`, `account:function:name` or a full ARN, and the parameter
 * Qualifier. Whether there is such a version is not checked.
 * @throws BallastError INVALID_PARAMETER for none of these; FUNCTION_NOT_FOUND for another account
 * or region than those that there are
 */
export function readFunctionName(
  reference: string,
  identity: FunctionIdentity,
  qualifierParameter?: string,
): FunctionReference {
  // An empty Qualifier asks for nothing.
  const asked = qualifierParameter === '' ? undefined : qualifierParameter;
  const groups = (full.exec(reference) ?? partial.exec(reference) ?? plain.exec(reference))?.groups;
  if (groups?.name === undefined) throw notAName(reference);
  const qualifier = groups.qualifier ?? asked;
  if (asked !== undefined && qualifier !== asked) {
    throw new BallastError(
      'INVALID_PARAMETER',
      `The function ${reference} and the Qualifier ${asked.slice(0, 128)} name two versions. ` +
        'Leave one of them out.',
    );
  }
  const isElsewhere =
    (groups.account ?? identity.accountId) !== identity.accountId ||
    (groups.region ?? identity.region) !== identity.region;
  if (isElsewhere) {
    const here = functionArn(identity, groups.name);
    throw new BallastError(
      'FUNCTION_NOT_FOUND',
      `Function not found: ${reference}. On this host it would be ${here}.`,
    );
  }
  const functionName = groups.name;
  if (qualifier === undefined) return { functionName, version: latestVersion };
  return { functionName, version: qualifier, qualifier };
}

/**
 * The same for what concerns a function as a whole.
 * @throws BallastError INVALID_PARAMETER where a version is named; as `readFunctionName` does
 */
export function readWholeFunctionName(reference: string, identity: FunctionIdentity): string {
  const { functionName, version } = readFunctionName(reference, identity);
  if (version === latestVersion) return functionName;
  throw new BallastError(
    'INVALID_PARAMETER',
    `The function ${reference} names the version ${version}, and a published version never ` +
      `changes. Name the function alone: ${functionName}.`,
  );
}

/** How an answer names the function: with the version where the caller has named it. */
export function namingOf({ qualifier }: FunctionReference): 'unqualified' | 'qualified' {
  return qualifier === undefined ? 'unqualified' : 'qualified';
}

function notAName(reference: string): BallastError {
  return new BallastError(
    'INVALID_PARAMETER',
    `FunctionName is '${reference.slice(0, 200)}': 1 to 64 letters, digits, '-' and '_' are ` +
      'allowed, or the ARN of a function of such a name.',
  );
}

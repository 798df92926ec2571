/** The ways in which the Lambda API lets a caller name a function. */
import { BallastError } from '../model/errors.js';
import { type FunctionIdentity, functionArn } from '../model/identity.js';

const name = '(?<name>[a-zA-Z0-9-_]{1,64})';
const qualifier = '(?::(?<qualifier>\\$LATEST|[a-zA-Z0-9-_]{1,128}))?';
const plain = new RegExp(`^${name}${qualifier}$`);
const partial = new RegExp(`^(?<account>\\d{12}):function:${name}${qualifier}$`);
const full = new RegExp(
  `^arn:aws:lambda:(?<region>[a-z0-9-]+):(?<account>\\d{12}):function:${name}${qualifier}$`,
);

/**
 * Reads `name`, `name:qualifier`, `account:function:name` or a full ARN.
 * @throws BallastError INVALID_PARAMETER for none of these; FUNCTION_NOT_FOUND for another account,
 * region or version than those that there are
 */
export function readFunctionName(
  reference: string,
  identity: FunctionIdentity,
  qualifierParameter?: string,
): string {
  // An empty Qualifier asks for nothing.
  const asked = qualifierParameter === '' ? undefined : qualifierParameter;
  const groups = (full.exec(reference) ?? partial.exec(reference) ?? plain.exec(reference))?.groups;
  if (groups?.name === undefined) throw notAName(reference);
  const isElsewhere =
    (groups.account ?? identity.accountId) !== identity.accountId ||
    (groups.region ?? identity.region) !== identity.region;
  const version = groups.qualifier ?? asked ?? '$LATEST';
  if (asked !== undefined && version !== asked) {
    throw new BallastError(
      'INVALID_PARAMETER',
      `The function ${reference} and the Qualifier ${asked} name two versions. ` +
        'Leave one of them out.',
    );
  }
  if (isElsewhere || version !== '$LATEST') {
    const here = functionArn(identity, groups.name);
    throw new BallastError(
      'FUNCTION_NOT_FOUND',
      `Function not found: ${reference}${groups.qualifier === undefined ? `:${version}` : ''}. ` +
        `On this host it would be ${here}, in the only version $LATEST.`,
    );
  }
  return groups.name;
}

function notAName(reference: string): BallastError {
  return new BallastError(
    'INVALID_PARAMETER',
    `FunctionName is '${reference.slice(0, 200)}': 1 to 64 letters, digits, '-' and '_' are ` +
      'allowed, or the ARN of a function of such a name.',
  );
}

/**
 * Under which region and account the functions of this host are known to clients of the Lambda API.
 */
export interface FunctionIdentity {
  readonly region: string;
  readonly accountId: string;
}

/**
 * The name of a function that is unique among all hosts and accounts, as Lambda forms it.
 * @param qualifier The version, where one was named
 */
export function functionArn(
  identity: FunctionIdentity,
  functionName: string,
  qualifier?: string,
): string {
  const { region, accountId } = identity;
  const suffix = qualifier === undefined ? '' : `:${qualifier}`;
  return `arn:aws:lambda:${region}:${accountId}:function:${functionName}${suffix}`;
}

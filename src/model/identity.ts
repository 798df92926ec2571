/**
 * Under which region and account the functions of this host are known to clients of the Lambda API.
 */
export interface FunctionIdentity {
  readonly region: string;
  readonly accountId: string;
}

/** The name of a function that is unique among all hosts and accounts, as Lambda forms it. */
export function functionArn(identity: FunctionIdentity, functionName: string): string {
  return `arn:aws:lambda:${identity.region}:${identity.accountId}:function:${functionName}`;
}

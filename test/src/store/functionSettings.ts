import type { FunctionSettings } from '../../../src/store/index.js';

/** What an owner could have set of a function of this name. */
export const settingsOf = (functionName: string): FunctionSettings => ({
  functionName,
  runtime: 'nodejs20.x',
  handler: 'index.handler',
  role: 'arn:aws:iam::000000000000:role/r',
  description: '',
  memoryMib: 128,
  ephemeralMib: 512,
  timeoutSeconds: 3,
  environment: { STAGE: 'test' },
  snapStart: 'None',
});

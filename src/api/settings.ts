/** What a function's owner may set: the checks that a schema cannot make, and the defaults. */
import { BallastError } from '../model/errors.js';
import { idempotentVariable } from '../model/function.js';
import { limits } from '../model/limits.js';
import type { FunctionSettings } from '../store/index.js';
import type { CreateFunctionBody, UpdateConfigurationBody } from './schemas/function.js';

const defaultRole = 'arn:aws:iam::000000000000:role/ballast';

/** What the service or the guest sets by itself, under Lambda's names. */
const reservedVariables: readonly string[] = [
  '_HANDLER',
  'AWS_DEFAULT_REGION',
  'AWS_EXECUTION_ENV',
  'AWS_LAMBDA_FUNCTION_MEMORY_SIZE',
  'AWS_LAMBDA_FUNCTION_NAME',
  'AWS_LAMBDA_FUNCTION_VERSION',
  'AWS_LAMBDA_INITIALIZATION_TYPE',
  'AWS_LAMBDA_LOG_GROUP_NAME',
  'AWS_LAMBDA_LOG_STREAM_NAME',
  'AWS_LAMBDA_RUNTIME_API',
  'AWS_REGION',
  'LAMBDA_TASK_ROOT',
];

export interface SettingsRules {
  readonly runtimes: readonly string[];
  /** Throws SIZE_BEYOND_HOST. */
  readonly checkSize: (requestedMib: number) => void;
}

/** @throws BallastError INVALID_PARAMETER, INVALID_RUNTIME, SIZE_BEYOND_HOST */
export function newSettings(
  functionName: string,
  body: CreateFunctionBody,
  rules: SettingsRules,
): FunctionSettings {
  return check(
    {
      functionName,
      runtime: body.Runtime,
      handler: body.Handler,
      role: body.Role ?? defaultRole,
      description: body.Description ?? '',
      memoryMib: body.MemorySize ?? limits.defaultMemoryMib,
      ephemeralMib: body.EphemeralStorage?.Size ?? limits.minEphemeralMib,
      timeoutSeconds: body.Timeout ?? limits.defaultTimeoutSeconds,
      environment: body.Environment?.Variables ?? {},
      snapStart: body.SnapStart?.ApplyOn ?? 'None',
    },
    rules,
  );
}

/** The settings with those replaced that the body names. @throws as `newSettings` does */
export function changedSettings(
  present: FunctionSettings,
  body: UpdateConfigurationBody,
  rules: SettingsRules,
): FunctionSettings {
  return check(
    {
      functionName: present.functionName,
      runtime: body.Runtime ?? present.runtime,
      handler: body.Handler ?? present.handler,
      role: body.Role ?? present.role,
      description: body.Description ?? present.description,
      memoryMib: body.MemorySize ?? present.memoryMib,
      ephemeralMib: body.EphemeralStorage?.Size ?? present.ephemeralMib,
      timeoutSeconds: body.Timeout ?? present.timeoutSeconds,
      environment:
        body.Environment === undefined ? present.environment : (body.Environment.Variables ?? {}),
      snapStart: body.SnapStart?.ApplyOn ?? present.snapStart,
    },
    rules,
  );
}

function check(settings: FunctionSettings, rules: SettingsRules): FunctionSettings {
  if (!rules.runtimes.includes(settings.runtime)) {
    throw new BallastError(
      'INVALID_RUNTIME',
      `Runtime is '${settings.runtime.slice(0, 100)}', which the guest image does not hold: ` +
        `${rules.runtimes.join(', ')} are allowed.`,
    );
  }
  checkEnvironment(settings.environment);
  rules.checkSize(settings.memoryMib);
  return settings;
}

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(environment)) {
    if (!/^[a-zA-Z][a-zA-Z0-9_]+$/.test(name)) {
      throw badVariable(name, 'has a name that is not a letter, then letters, digits and _');
    }
    if (value.includes('\0')) throw badVariable(name, 'has a value with a NUL character in it');
    if (name === idempotentVariable && value !== 'true' && value !== 'false') {
      throw badVariable(name, `is '${value.slice(0, 100)}': true and false are allowed`);
    }
    if (reservedVariables.includes(name)) {
      throw badVariable(name, 'is reserved: the service sets it');
    }
  }
  const bytes = Buffer.byteLength(JSON.stringify(environment));
  if (bytes > limits.maxEnvironmentBytes) {
    throw new BallastError(
      'INVALID_PARAMETER',
      `Environment has ${bytes} bytes as JSON: at most ${limits.maxEnvironmentBytes} are ` +
        'allowed. Put large settings into the code package.',
    );
  }
}

function badVariable(name: string, fault: string): BallastError {
  const shown = name.slice(0, 100);
  return new BallastError(
    'INVALID_PARAMETER',
    `The environment variable '${shown}' ${fault}. Rename or remove it.`,
  );
}

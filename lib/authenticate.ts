import { onAbort } from './abort.js';
import { nameOf } from './names.js';
import type { NativeAuthenticate } from './native-types.js';

/** `virConnectCredentialType`; there is no 0. */
const credentialTypes = [
  'unknown',
  'username',
  'authname',
  'language',
  'cnonce',
  'passphrase',
  'echo-prompt',
  'noecho-prompt',
  'realm',
  'external',
] as const;

/** What the other end of a connection wants to know. */
export interface Credential {
  readonly type: (typeof credentialTypes)[number];
  readonly prompt: string;
  readonly challenge: string | null;
  /** What is meant when nothing is said. */
  readonly defaultAnswer: string | null;
}

/** Gives an answer to each of the questions, in their order. To throw is to give up. */
export type Authenticate = (
  credentials: readonly Credential[],
) => readonly string[] | Promise<readonly string[]>;

/** The form that the addon calls. It always answers, for a thread waits. */
export function toNativeAuthenticate(
  authenticate: Authenticate,
  signal: AbortSignal | undefined,
): NativeAuthenticate {
  return (requests, answer) => {
    const credentials = requests.map(({ type, prompt, challenge, defaultAnswer }) => ({
      type: nameOf(credentialTypes, type),
      prompt: prompt ?? '',
      challenge,
      defaultAnswer,
    }));
    let answered = false;
    let forget: (() => void) | undefined;
    const once = (answers: readonly string[] | null) => {
      if (!answered) answer(answers);
      answered = true;
      forget?.();
    };
    if (signal !== undefined) forget = onAbort(signal, () => once(null));
    // The error of the call says that it was refused; what was thrown here is its user's own.
    Promise.resolve(credentials)
      .then(authenticate)
      .then((answers) => once(answers.map(String)))
      .catch(() => once(null));
  };
}

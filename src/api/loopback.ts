import { isIPv4 } from 'node:net';

/** Whether a name or an address, without brackets, can only be this host itself. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
}

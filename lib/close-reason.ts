/** `virConnectCloseReason` */
export const closeReasons = ['error', 'eof', 'keepalive', 'client'] as const;

/** Why a connection was lost: `virConnectCloseReason` by name. */
export type CloseReason = (typeof closeReasons)[number] | 'unknown';

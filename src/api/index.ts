export { type ListenAddress, listen } from './listen.js';
export { isLoopback } from './loopback.js';
export { Metrics } from './metrics.js';
export { createApi } from './server.js';

export { type ListenAddress, listen } from './listen.js';
export { createApi } from './server.js';

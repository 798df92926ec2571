export { type ListenAddress, listen } from './listen.js';
export { type ApiOptions, createApi } from './server.js';

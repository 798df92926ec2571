import { Store, type StoreOptions } from './store.js';

export { Activation } from './activation.js';
export type { FunctionSettings, Store, StoreOptions } from './store.js';

/**
 * Opens the store of a state directory: one service at a time.
 * @throws BallastError STATE_DIRECTORY where it cannot be used, naming the path
 */
export const openStore = (options: StoreOptions): Promise<Store> => Store.open(options);

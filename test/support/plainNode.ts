/**
 * The command line of a Node.js process that is as a user's would be. The test runner has each one
 * that a test starts load its own hooks, by this variable, which triples the time of a start.
 */
export const plainNode = ['env', '-u', 'NODE_OPTIONS', process.execPath] as const;

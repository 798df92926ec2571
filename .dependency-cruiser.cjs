// Rooms import one way only, as docs/architecture.md draws it. `allowed` lists, for each room, the
// other rooms that it may import; what is not listed is forbidden.
const allowed = {
  // The compiled addon is loaded from build/.
  lib: ['native', 'build'],
  'src/model': [],
  'src/files': [],
  'src/agent': ['lib', 'src/model'],
  'src/memory': ['src/agent', 'lib', 'src/model'],
  'src/pool': ['src/memory', 'src/agent', 'lib', 'src/files', 'src/model'],
  'src/scheduler': ['src/pool', 'src/model'],
  'src/store': ['src/files', 'src/model'],
  'src/api': ['src/scheduler', 'src/store', 'src/model'],
  'src/cli': ['src/model'],
  'src/dashboard': ['src/model'],
};

const roomRule = ([room, others]) => ({
  name: `room-${room.replace('src/', '')}`,
  comment: `${room}/ may import ${others.join(', ') || 'no other room'}`,
  severity: 'error',
  from: { path: `^${room}/` },
  to: {
    path: '^(lib|src|native|guest|test|bench|build)/',
    pathNot: [room, ...others].map((name) => `^${name}/`),
  },
});

module.exports = {
  forbidden: [
    ...Object.entries(allowed).map(roomRule),
    {
      name: 'room-unknown',
      comment: 'a directory of src/ is a room that is listed above',
      severity: 'error',
      from: {
        path: '^src/[^/]+/',
        pathNot: Object.keys(allowed).map((room) => `^${room}/`),
      },
      to: {},
    },
    {
      name: 'composition-root',
      comment: 'src/main.ts and its helpers beside it wire the rooms; no room imports them',
      severity: 'error',
      from: { path: '^(lib|src/[^/]+)/' },
      to: { path: '^src/[^/]+\\.ts$' },
    },
    {
      name: 'no-cycles',
      comment: 'two files that need each other are one file, or miss a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolvable',
      comment: 'an import that leads nowhere',
      severity: 'error',
      // Functions of the tests run in a guest, which has packages of its own.
      from: { pathNot: '^test/e2e/functions/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-tests-in-product',
      severity: 'error',
      comment: 'the product does not import its tests or benchmarks',
      from: { path: '^(lib|src)/' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-development-packages-in-product',
      comment: 'what runs is installed without development dependencies',
      severity: 'error',
      from: { path: '^(lib|src)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'fastify-stays-in-api',
      comment: 'only the API speaks HTTP as a server',
      severity: 'error',
      from: { path: '^(lib|src)/', pathNot: '^src/api/' },
      to: { path: 'node_modules/(fastify|@fastify)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'sqlite-stays-in-store',
      comment: 'only the store knows how things are kept',
      severity: 'error',
      from: { path: '^(lib|src)/', pathNot: '^src/store/' },
      to: { path: 'node_modules/better-sqlite3/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Imports of types count: a room must not know the types of one that it may not import.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'default'] },
  },
};

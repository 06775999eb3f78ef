/**
 * The house as a failing check: a package imports only from lower floors, controllers never see models, weights
 * or the trainer, nobody reaches into another package's files, and there is no value-import cycle.
 */
const { readdirSync, readFileSync } = require('node:fs');
const { builtinModules } = require('node:module');
const { join } = require('node:path');

/** Names of packages by floor, which each has in its package.json. */
const FLOORS = [[], [], [], [], [], [], []];
for (const name of readdirSync(join(__dirname, 'packages'))) {
  const { nx } = JSON.parse(readFileSync(join(__dirname, 'packages', name, 'package.json'), 'utf8'));
  const floor = Number(/^floor:(\d)$/.exec(nx?.tags?.[0])?.[1]);
  if (FLOORS[floor] === undefined)
    throw new Error(`packages/${name}/package.json has no tag floor:0 to floor:6`);
  FLOORS[floor].push(name);
}

// Neighbours on one floor whose arrow points one way: dashboard takes colours and stretches from report, and
// backends finds the ONNX Runtime backend, which itself knows nothing of this house.
const NEIGHBOURS = ['dashboard>report', 'backends>backend-onnxruntime'];
function allowed(from, to) {
  return NEIGHBOURS.includes(`${from}>${to}`);
}

// What a model needs to be trained on a page; what of these packages needs Node has an entry of its own.
const ON_PAGES = [
  '(core|nn|adapters|transformer|tasks|tokenizers|weight-sharing|evaluators|trainer|controller-[^/]+)/src/index',
  'weight-sharing/src/schemes/index',
  'run/src/compose',
];

const inside = (names) => `^packages/(${names.join('|')})/`;

const floorRules = FLOORS.map((names, floor) => {
  const same = names.map((name) => ({
    name: `floor-${floor}-${name}`,
    comment: 'A package imports only from lower floors.',
    severity: 'error',
    from: { path: `^packages/${name}/src` },
    to: {
      path: inside(
        FLOORS.slice(floor)
          .flat()
          .filter((other) => other !== name && !allowed(name, other)),
      ),
    },
  }));
  return same;
}).flat();

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'no-value-cycle',
      severity: 'error',
      from: { path: '^packages/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'controllers-stay-narrow',
      comment: 'A controller decides from plain observations; it never sees models, weights or the trainer.',
      severity: 'error',
      from: { path: '^packages/controller-' },
      to: { path: '^packages/(transformer|trainer|weight-sharing/src/(?!schemes))' },
    },
    {
      name: 'runs-in-browsers',
      comment: 'Nothing of Node can be reached from the entries of what a model needs.',
      severity: 'error',
      from: { path: `^packages/(${ON_PAGES.join('|')})\\.ts$` },
      to: { path: `^(node:.+|${builtinModules.join('|')})$`, reachable: true },
    },
    {
      name: 'no-reaching-in',
      comment: 'Other packages are imported by name, never by a relative path.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      // The run of seconds that tests of studies are made of, how tests of numbers compare on every backend, disks
      // that fail, where large corpora are found, and a Hub on the loopback are tests', and no package's to publish.
      to: {
        path: '^packages/',
        pathNot: [
          '^packages/$1/',
          '^packages/run/test/tiny-run',
          '^packages/nn/test/support/(backends|close)\\.ts$',
          '^packages/core/test/support/disks\\.ts$',
          '^packages/datasets/test/helpers\\.ts$',
          '^packages/hub/test/(hub-server|helpers)\\.ts$',
        ],
        dependencyTypes: ['local'],
      },
    },
    {
      name: 'declared-dependencies',
      severity: 'error',
      from: { path: '^packages/[^/]+/src' },
      // Workspace packages resolve to their own files, so only packages from node_modules are judged here.
      // A peer is declared, also where it is said to be in no manifest because its entry is not named as its package is.
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'],
        dependencyTypesNot: ['npm-peer'],
        pathNot: '^packages/',
      },
    },
    {
      name: 'no-dev-dependency-in-src',
      severity: 'error',
      from: { path: '^packages/[^/]+/src' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only', 'npm', 'npm-peer', 'npm-optional'],
      },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: { path: '^packages/[^/]+/src' },
      to: { couldNotResolve: true, pathNot: '^@tensorflow/tfjs-node' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    exclude: { path: '(^|/)dist/' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@ligature/source', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};

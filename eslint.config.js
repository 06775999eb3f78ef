import tseslint from 'typescript-eslint';

const randomness = {
  object: 'Math',
  property: 'random',
  message: 'Draw from a named stream of the run: same seed, same log.',
};
const dates = {
  object: 'Date',
  property: 'now',
  message: 'Results hold no dates; take time from the injected clock.',
};

/** What changes a file. Making folders and removing things need no care: they are whole or not at all by themselves. */
const writers = [
  ...[
    'appendFile',
    'copyFile',
    'cp',
    'ftruncate',
    'open',
    'rename',
    'truncate',
    'write',
    'writeFile',
    'writev',
  ].flatMap((name) => [name, `${name}Sync`]),
  ...['createWriteStream', 'WriteStream', 'promises', 'default'],
];
const durable =
  'Write with @ligature/core/node (writeWhole, AppendFile, writeFolder): a kill or a full disk must not leave half a file.';
const fromFs = (importNames, message) =>
  ['node:fs', 'node:fs/promises', 'fs', 'fs/promises'].map((name) => ({ name, importNames, message }));
const onlyWriter = fromFs(writers, durable);
const onlyReader = fromFs(
  ['readFile', 'readFileSync', 'createReadStream', 'ReadStream'],
  'A pipe may have the name of a file: read with readPlainFile of @ligature/core/node, which never waits.',
);

const newDate = { selector: "NewExpression[callee.name='Date']", message: dates.message };
/** A call with as many arguments as a list has items overflows the stack where there are a hundred thousand. */
const spreads = [
  [
    "CallExpression[callee.object.name='Math'] > SpreadElement",
    'Use largest and smallest of @ligature/core.',
  ],
  ["CallExpression[callee.property.name='push'] > SpreadElement", 'Add one after the other, or concatenate.'],
].map(([selector, message]) => ({ selector, message }));

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'runs/**', 'site/**', '.nx/**', '**/fixtures/**'] },
  ...tseslint.configs.recommended,
  {
    files: [
      ...['packages/*/src/**/*.ts', 'tools/**/*.ts', 'test/**/*.ts', 'packages/*/{test,template}/**/*.ts'],
      'examples/*/src/**/*.ts',
    ],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: true }],
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['describe', 'it'] }] },
      ],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-properties': ['error', randomness, dates],
      'no-restricted-syntax': ['error', newDate],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // Configuration of a tool that reads CommonJS only.
    files: ['**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/cli/src/**'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['packages/*/src/**/*.ts'],
    ignores: ['packages/core/src/node/{disk/**,plain-file.ts}'],
    rules: { 'no-restricted-imports': ['error', { paths: [...onlyWriter, ...onlyReader] }] },
  },
  {
    files: ['packages/core/src/node/disk/**'],
    rules: { 'no-restricted-imports': ['error', { paths: onlyReader }] },
  },
  {
    // They read files of the packages themselves, and of the system.
    files: [
      ...['packages/create-controller/src/**', 'packages/testing/src/**', 'packages/cli/src/version.ts'],
      ...['packages/report/src/html/*.ts', 'packages/dashboard/src/{page-files,server}.ts'],
      ...['packages/datasets/src/sources/bundled.ts', 'packages/trainer/src/checkpoint/process-identity.ts'],
      'packages/studies/src/executors/watch-child.ts',
    ],
    rules: { 'no-restricted-imports': ['error', { paths: onlyWriter }] },
  },
  {
    // Where lists grow with a run.
    files: [
      'packages/{core,report,studies,dashboard,run,evaluators,datasets,recorders,weight-sharing,trainer}/src/**/*.ts',
    ],
    rules: { 'no-restricted-syntax': ['error', newDate, ...spreads] },
  },
);

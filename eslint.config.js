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
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date']", message: dates.message },
      ],
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
);

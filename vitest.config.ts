import { configDefaults, defineConfig } from 'vitest/config';

// Tests run on the packages' sources: the private condition `@ligature/source` in every `exports` map
// resolves `@ligature/*` to `src/index.ts`, so no build is needed and no stale build can hide a mistake.
const conditions = ['@ligature/source', 'node', 'import', 'module', 'default'];

const setupFiles = ['./tools/ci/property-seed.ts'];

/**
 * Files that run one after the other in one process for each worker, which loads TensorFlow.js and the sources once.
 * `shared-process.ts` fails those that leave something behind.
 */
const SHARED = ['packages/{adapters,controller-*,core,evaluators,recorders}/test/**/*.test.ts'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    reporters: ['default', './tools/ci/summary-reporter.ts'],
    pool: 'forks',
    // One for each core: the process that starts them soon has nothing left to transform, and mostly waits.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'alone',
          include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...SHARED],
          setupFiles,
        },
      },
      {
        extends: true,
        test: {
          name: 'shared',
          include: SHARED,
          isolate: false,
          setupFiles: [...setupFiles, './tools/ci/shared-process.ts'],
          // After the others: a process ends when the next file in the queue is not one of its own.
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});

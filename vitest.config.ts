import { defineConfig } from 'vitest/config';

// Tests run on the packages' sources: the private condition `@ligature/source` in every `exports` map
// resolves `@ligature/*` to `src/index.ts`, so no build is needed and no stale build can hide a mistake.
const conditions = ['@ligature/source', 'node', 'import', 'module', 'default'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
    reporters: ['default', './tools/ci/summary-reporter.ts'],
    setupFiles: ['./tools/ci/property-seed.ts'],
    pool: 'forks',
    // One for each core: the process that starts them soon has nothing left to transform, and mostly waits.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

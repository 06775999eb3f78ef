import type { RunConfigInput } from '@ligature/core';

/**
 * Types a configuration written in TypeScript:
 * `export default defineConfig({ model: { layers: 12 }, controller: 'random' })`.
 */
export function defineConfig(config: RunConfigInput): RunConfigInput {
  return config;
}

/**
 * What `tying.profile: official` means for the rest of a configuration: the values of the official code
 * (tamirdh/Dynamic-Layer-Tying, commit f1f1529, code/dqn_trainer.py) stand where nothing else was written.
 * Options of plug-ins come from their entries (`meta.official`). Model sizes stay the caller's: the official
 * ones (48 layers of width 1600) are out of reach here.
 */
import type { RunConfigInput } from './schema.js';

export const OFFICIAL_DEFAULTS = {
  reward: { name: 'negative-perplexity' },
  tying: {
    window: 4,
    gradient: 'source-only',
    stepSize: 'none',
    moments: 'keep',
    probe: 'fresh-train',
    probeBatches: 1,
  },
  training: { learningRate: 1e-4, schedule: 'constant', warmup: 0, clip: 1 },
} as const satisfies RunConfigInput;

/** Fills in a profile's values below what was written. Anything but the official profile stays as it is. */
export function withProfile(written: RunConfigInput): RunConfigInput {
  if (written?.tying?.profile !== 'official') return written;
  return below(written, OFFICIAL_DEFAULTS) as RunConfigInput;
}

function below(written: unknown, defaults: unknown): unknown {
  if (written === undefined) return defaults;
  if (!isRecord(written) || !isRecord(defaults)) return written;
  const merged: Record<string, unknown> = { ...written };
  for (const [key, value] of Object.entries(defaults)) merged[key] = below(written[key], value);
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

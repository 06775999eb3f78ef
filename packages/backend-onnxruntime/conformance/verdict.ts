/** Judges a run: what failed and should not have, what was excluded and need not be, and the share of wasm's passes. */
import type { Exclusion } from './exclusions.js';
import { passedNames } from './outcome.js';
import type { Run, SpecOutcome } from './outcome.js';

/** Of what the wasm backend passes; the project's own aim. */
export const WANTED_SHARE = 0.95;

export interface Verdict {
  readonly unexpected: readonly SpecOutcome[];
  /** Exclusions whose spec passes, or is not there. */
  readonly stale: readonly Exclusion[];
  /** Of the specs that wasm passes, those that this backend passes. */
  readonly shared: number;
  readonly passedByWasm: number;
  readonly share: number;
}

export function judge(run: Run, wasm: Run, exclusions: readonly Exclusion[]): Verdict {
  const excluded = new Set(exclusions.map(({ name }) => name));
  const failed = run.specs.filter(({ status }) => status === 'failed');
  const failedNames = new Set(failed.map(({ name }) => name));
  const passed = passedNames(run);
  const theirs = passedNames(wasm);
  const shared = [...theirs].filter((name) => passed.has(name)).length;
  return {
    unexpected: failed.filter(({ name }) => !excluded.has(name)),
    stale: exclusions.filter(({ name }) => !failedNames.has(name)),
    shared,
    passedByWasm: theirs.size,
    share: theirs.size === 0 ? 0 : shared / theirs.size,
  };
}

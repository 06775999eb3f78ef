import type { TrialResult } from './contracts/trial.js';

/** `3 of 51 batches of validation and 3 of 54 of test`; `undefined` where whole splits were measured. */
export function measuredPart({ subset = {} }: Pick<TrialResult, 'subset'>): string | undefined {
  const parts = Object.entries(subset).map(([split, { batches, of }], at) =>
    at === 0 ? `${batches} of ${of} batches of ${split}` : `${batches} of ${of} of ${split}`,
  );
  return parts.length === 0 ? undefined : parts.join(' and ');
}

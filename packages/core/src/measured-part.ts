import type { Subset } from './contracts/metrics.js';
import type { TrialResult } from './contracts/trial.js';

/** `3 of 51 batches of validation (2 set apart for rewards) and 3 of 54 of test`; `undefined` where whole splits were measured. */
export function measuredPart({ subset = {} }: Pick<TrialResult, 'subset'>): string | undefined {
  const parts = Object.entries(subset).map(([split, part], at) =>
    partInWords(part, `${at === 0 ? 'batches of' : 'of'} ${split}`),
  );
  return parts.length === 0 ? undefined : parts.join(' and ');
}

/** `3 of 51 (2 set apart for rewards)`, with what they are behind the numbers: `3 of 51 batches`. */
export const partInWords = ({ batches, of, apart }: Subset, what = ''): string =>
  `${batches} of ${of}${what && ` ${what}`}${apart === undefined ? '' : ` (${apart} set apart for rewards)`}`;

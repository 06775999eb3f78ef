import type { TrialResult } from './contracts/trial.js';

/** `the best validation step, 1,200 of 4,000`; `undefined` where the last step was measured. */
export function measuredStep({
  best,
  steps,
}: Pick<TrialResult, 'steps'> & { readonly best?: { readonly step: number } }): string | undefined {
  if (best === undefined) return undefined;
  const [step, of] = [best.step, steps].map((count) => count.toLocaleString('en-US'));
  return `the best validation step, ${step} of ${of}`;
}

/** What a comparison shows about the losses of its controllers, and how surely. */
import type { MetricSpec } from '@ligature/core';
import { holmCorrected } from './holm.js';
import { pairedDifference, type PairedDifference, type SeededValues } from './paired.js';
import { meanInterval, type MeanInterval } from './student.js';

/** Confidence of every interval; a difference is shown where the corrected p is below one minus it. */
export const CONFIDENCE = 0.95;

/**
 * `lower`, `higher`: than the control, and shown so. `no-difference`: none is shown, which does not mean that there is
 * none. `identical`: equal to the last digit on every seed. `untested`: fewer than two seeds, or a loss is missing.
 */
export type Finding = 'lower' | 'higher' | 'no-difference' | 'identical' | 'untested';

/** A controller against the control. */
export interface ControlComparison extends PairedDifference {
  /** Holm's correction over all controllers that were set against the control. */
  readonly correctedP: number | null;
  readonly finding: Finding;
}

export interface ControllerMean extends MeanInterval {
  readonly controller: string;
}

export interface ComparisonStatistics {
  readonly confidence: number;
  /** What the others are set against; `null` when it has no finished trial. */
  readonly control: string | null;
  /** One for each controller whose losses were measured. */
  readonly means: readonly ControllerMean[];
  readonly againstControl: readonly ControlComparison[];
  /** The controller that is shown to be better than every other one; `null` when none is. */
  readonly winner: string | null;
}

/**
 * @param control the controller to set the others against
 * @param better which of two numbers is the better one
 */
export function comparisonStatistics(
  losses: readonly SeededValues[],
  control: string,
  better: MetricSpec['better'] = 'lower',
): ComparisonStatistics {
  const reference = losses.find(({ controller }) => controller === control);
  return {
    confidence: CONFIDENCE,
    control: reference?.controller ?? null,
    means: losses
      .filter(({ values }) => values.length > 0 && values.every(Number.isFinite))
      .map(({ controller, values }) => ({ controller, ...meanInterval(values, CONFIDENCE) })),
    againstControl: reference ? againstControl(losses, reference) : [],
    winner: winnerOf(losses, better),
  };
}

function againstControl(losses: readonly SeededValues[], control: SeededValues): ControlComparison[] {
  const pairs = losses
    .filter((one) => one !== control)
    .map((one) => pairedDifference(one, control, CONFIDENCE));
  // A pair that was not tested is no test to correct for.
  const corrected = holmCorrected(pairs.flatMap(({ test }) => (test ? [test.p] : [])));
  let next = 0;
  return pairs.map((pair) => {
    const correctedP = pair.test ? (corrected[next++] as number) : null;
    return { ...pair, correctedP, finding: findingOf(pair, correctedP) };
  });
}

/** @param p corrected where there are several tests; `null` without one */
export function findingOf(
  { differences, interval }: Pick<PairedDifference, 'differences' | 'interval'>,
  p: number | null,
): Finding {
  if (p === null || interval === null) return 'untested';
  if (differences.every((difference) => difference === 0)) return 'identical';
  if (p >= 1 - CONFIDENCE) return 'no-difference';
  return interval.mean < 0 ? 'lower' : 'higher';
}

/**
 * It must be shown to beat each of the others. No correction: all of these tests have to succeed at once, so the
 * largest p-value is that of the whole claim (intersection–union test, Berger 1982, Technometrics 24(4)).
 */
function winnerOf(losses: readonly SeededValues[], better: MetricSpec['better']): string | null {
  if (losses.length < 2) return null;
  const beats = (one: SeededValues, other: SeededValues): boolean => {
    const pair = pairedDifference(one, other, CONFIDENCE);
    return findingOf(pair, pair.test?.p ?? null) === better;
  };
  const winner = losses.find((one) => losses.every((other) => other === one || beats(one, other)));
  return winner?.controller ?? null;
}

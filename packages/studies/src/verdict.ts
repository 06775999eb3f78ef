/** What a comparison shows and what it does not, in plain words made from its numbers. */
import type { TrialResult } from '@ligature/run';
import type { ComparisonRow } from './results.js';
import { CONFIDENCE, type ComparisonStatistics } from './statistics/comparison-statistics.js';
import { pairedDifference } from './statistics/paired.js';
import { findingsText, nats, probability } from './statistics/wording.js';

/** Seeds on which `a` has the lower test loss than `b`, of those that both finished. */
function wins(a: ComparisonRow, b: ComparisonRow): { won: number; of: number } {
  const shared = a.seeds.filter((seed) => b.seeds.includes(seed));
  const loss = (row: ComparisonRow, seed: number): number =>
    row.testNats.values[row.seeds.indexOf(seed)] ?? Number.NaN;
  return { won: shared.filter((seed) => loss(a, seed) < loss(b, seed)).length, of: shared.length };
}

function learnedAgainstRandom(rows: readonly ComparisonRow[]): string {
  const learned = rows.find(({ controller }) => controller.startsWith('q-learning'));
  const random = rows.find(({ controller }) => controller.startsWith('random'));
  if (!learned || !random) return '';
  const difference = learned.testNats.mean - random.testNats.mean;
  const { won, of } = wins(learned, random);
  const size = nats(Math.abs(difference));
  const place =
    size === nats(0)
      ? 'level with random actions'
      : `${size} ${difference < 0 ? 'below' : 'above'} random actions`;
  const shown = surely(learned, random);
  return ` q-learning ends ${place} on average (lower on ${won} of ${of} ${of === 1 ? 'seed' : 'seeds'}${shown}).`;
}

/** Whether the seeds show a difference: one test that was meant from the start, so it needs no correction. */
function surely(a: ComparisonRow, b: ComparisonRow): string {
  const series = ({ controller, seeds, testNats }: ComparisonRow) => ({
    controller,
    seeds,
    values: testNats.values,
  });
  const { test } = pairedDifference(series(a), series(b), CONFIDENCE);
  if (test === null) return '';
  return `; ${test.p < 1 - CONFIDENCE ? 'a' : 'no'} difference is shown, uncorrected ${probability(test.p)}`;
}

/** What was equal, and how much text that was. */
function equalBudget(trials: readonly TrialResult[], trainingTokens: number): string {
  const [first] = trials as readonly [TrialResult];
  const { budget } = first.config.training;
  const passes = (tokens: number): string => (tokens / trainingTokens).toFixed(2);
  if (budget?.kind !== 'flops' && budget?.kind !== 'seconds')
    return `All saw the same ${first.tokens} training tokens (${passes(first.tokens)} passes over the text)`;
  const tokens = trials.map((trial) => trial.tokens);
  const [least, most] = [Math.min(...tokens), Math.max(...tokens)];
  const spent =
    budget.kind === 'flops'
      ? `${budget.amount.toPrecision(3)} FLOPs of training steps, by the ledger`
      : `${budget.amount} seconds of training, which no two runs spend alike`;
  return (
    `All were given the same ${spent}, and saw ${least} to ${most} training tokens ` +
    `(${passes(least)} to ${passes(most)} passes over the text)`
  );
}

/**
 * @param trainingTokens size of the training split, to say how much of it one run has seen
 */
export function verdictOf(
  rows: readonly ComparisonRow[],
  statistics: ComparisonStatistics,
  trials: readonly TrialResult[],
  trainingTokens: number,
): string {
  const [first] = trials;
  if (rows.length === 0 || !first) return 'No trial finished, so nothing is shown.';
  // Without the evaluator `perplexity`, or one like it, there is no loss to rank by.
  if (!rows.every(({ testNats }) => Number.isFinite(testNats.mean)))
    return 'No test loss was measured, so the table shows what each scheme costs and not what it gives.';
  const ranked = [...rows].sort((a, b) => a.testNats.mean - b.testNats.mean);
  const best = ranked[0] as ComparisonRow;
  const smallest = [...rows].sort(
    (a, b) => a.uniqueParameters.mean - b.uniqueParameters.mean,
  )[0] as ComparisonRow;
  const seeds = new Set(trials.map(({ seed }) => seed)).size;
  // Over several seeds it is a mean that is lowest, which is not yet a finding.
  const the = seeds === 1 ? 'the lowest test loss' : 'the lowest mean test loss';
  const findings = findingsText(statistics);
  const lowest =
    rows.length === 1
      ? `${best.controller} reaches a test loss of ${nats(best.testNats.mean)}.`
      : best === smallest
        ? `${best.controller} has ${the} (${nats(best.testNats.mean)}) with the fewest parameters.`
        : `${best.controller} has ${the} (${nats(best.testNats.mean)}); ` +
          `${smallest.controller} stores the fewest parameters (${(smallest.reduction.mean * 100).toFixed(0)} % fewer than the untied stack) at ${nats(smallest.testNats.mean)}.`;
  const limits =
    ` ${equalBudget(trials, trainingTokens)} in the same order from the same initialization, ` +
    `so the numbers show what each scheme costs and gives at this budget${seeds === 1 ? ';' : ','} ` +
    (seeds === 1
      ? 'with one seed and so few tokens they do not show which controller is better, nor what happens at convergence.'
      : `and ${seeds} seeds say how surely; nothing is shown about other budgets, other texts, or convergence.`);
  const shown = seeds === 1 || findings === '' ? '' : ` ${findings}`;
  return lowest + shown + learnedAgainstRandom(rows) + limits;
}

/** Findings in plain words. Nothing is called better here unless the test says so. */
import type { ComparisonStatistics, ControlComparison, Finding } from './comparison-statistics.js';

export const nats = (value: number): string => `${value.toFixed(3)} nats`;

/** A p-value as people print it. */
export const probability = (p: number): string => (p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`);

/** What each controller does against the control, then who has won, if anyone. Empty when nothing was tested. */
export function findingsText(statistics: ComparisonStatistics): string {
  const { control, againstControl, winner, confidence, means } = statistics;
  const tested = againstControl.filter(({ finding }) => finding !== 'untested');
  const percent = `${Math.round(confidence * 100)} %`;
  const groups = (['lower', 'higher', 'no-difference', 'identical'] as const).flatMap((finding) => {
    const group = tested.filter((one) => one.finding === finding);
    return group.length === 0 ? [] : [`${WORDS[finding]} ${group.map(detail).join('; ')}`];
  });
  const sentences: string[] = [];
  if (groups.length > 0) {
    sentences.push(
      `Against ${control}, paired by seed (mean difference, its ${percent} interval, Holm-corrected p): ${groups.join('. ')}.`,
    );
  }
  const untested = againstControl.filter(({ finding }) => finding === 'untested');
  if (tested.length > 0 && untested.length > 0) {
    const names = untested.map(({ controller }) => controller).join(', ');
    sentences.push(`Not tested, for want of two shared seeds or of a finite loss: ${names}.`);
  }
  if (winner !== null) {
    sentences.push(`${winner} is shown to have a lower loss than every other controller here.`);
  } else if (means.length > 1) {
    sentences.push('No controller is shown to be better than all others, so none is called the winner.');
  }
  return sentences.join(' ');
}

const WORDS: Record<Exclude<Finding, 'untested'>, string> = {
  lower: 'lower is',
  higher: 'higher is',
  'no-difference': 'no difference is shown for',
  identical: 'no difference, to the last digit, has',
};

function detail({ controller, interval, correctedP, finding }: ControlComparison): string {
  if (interval === null || correctedP === null || finding === 'identical') return controller;
  const { mean, low, high } = interval;
  const bounds = low === null || high === null ? '' : `, ${signed(low)} to ${signed(high)}`;
  return `${controller} (${signed(mean)}${bounds}, ${probability(correctedP)})`;
}

const signed = (value: number): string => `${value > 0 ? '+' : ''}${value.toFixed(3)}`;

/** A plan and its findings in sentences. */
import {
  metricName,
  amount,
  powerText,
  probability,
  seedsOfPlanned,
  signedAmount,
} from '../statistics/wording.js';
import { judged } from '../statistics/wording.js';
import { plural } from '../presentation/words.js';
import type { FoundContrast, FoundPlan, Planned } from './found.js';

/** `loss-probed against random-adjacent in test loss, margin 0.010 nats`. */
export function contrastText({ controller, control, metric, margin, dataset }: FoundContrast): string {
  const where = dataset === null ? '' : ` on ${dataset}`;
  const within = margin === null ? '' : `, margin ${amount(margin, metric)}`;
  return `${controller} against ${control} in test ${metricName(metric)}${where}${within}`;
}

/** The one sentence for which a study was made. */
function primarySentence(contrast: FoundContrast): string {
  const { controller, control, metric, finding, margin, seeds, planned, interval } = contrast;
  const what = `${controller} against ${control} (${metricName(metric)}${contrast.dataset === null ? '' : ` on ${contrast.dataset}`})`;
  const size = interval === null ? '' : ` (${numbers(contrast)})`;
  const over = seedsOfPlanned(seeds.length, planned);
  switch (judged(finding, metric) ?? finding) {
    case 'better':
      return `Planned: ${what} is shown to be better${size}.`;
    case 'worse':
      return `Planned: ${what} is shown to be worse${size}.`;
    case 'equivalent':
      return `Planned: ${what} is shown to be equivalent within ${amount(margin ?? 0, metric)}${size}.`;
    case 'identical':
      return `Planned: ${what} is identical to the last digit on ${over}.`;
    case 'incomplete':
      return `Planned: ${what} is not decided, since trials are missing: ${over} are whole${size}.`;
    case 'untested':
      return `Planned: ${what} is not tested yet, with ${over} that both finished.`;
    default:
      return `Planned: ${what} is not shown to differ${size}; ${power(contrast)}.`;
  }
}

function power(contrast: FoundContrast): string {
  const { marginPower, margin, metric } = contrast;
  const text = powerText(contrast, metric);
  return marginPower === null || margin === null
    ? text
    : `a difference of the margin would have been shown with ${Math.round(100 * marginPower)} % power, ${text}`;
}

function numbers({
  interval,
  metric,
  correctedP,
  equivalence,
  finding,
  seeds,
  planned,
}: FoundContrast): string {
  if (interval === null) return '';
  const { mean, low, high } = interval;
  const bounds = low === null || high === null ? '' : ` [${low.toFixed(3)}, ${high.toFixed(3)}]`;
  const p =
    finding === 'equivalent' && equivalence !== null
      ? `, two one-sided tests ${probability(equivalence.correctedP)}`
      : correctedP === null
        ? ''
        : `, ${probability(correctedP)}`;
  return `${signedAmount(mean, metric)}${bounds}${p}, ${seedsOfPlanned(seeds.length, planned)}`;
}

/** A verdict that begins with what was planned; all else is exploratory. @param finished trials by now */
export function withPlanned(verdict: string, { plan, keptPlan }: Planned, finished: number): string {
  if (plan === null) return verdict;
  const changed =
    keptPlan?.changed === true
      ? ` The plan was changed after the study began, with ${plural(finished, 'trial')} finished by now, so nothing here was planned before.`
      : '';
  return `${primarySentence(plan.primary)}${changed} What follows is exploratory. ${verdict}`;
}

/** All that was planned, in a line each. */
export function plannedLines({ question, primary, secondary }: FoundPlan, seeds: number): string[] {
  return [
    `Question: ${question}`,
    `Primary contrast, tested alone: ${contrastText(primary)}; ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}.`,
    secondary.length === 0
      ? 'No secondary contrast; everything but the primary one is exploratory.'
      : `Secondary contrasts, Holm-corrected among themselves: ${secondary.map(contrastText).join('; ')}. Everything else is exploratory.`,
  ];
}

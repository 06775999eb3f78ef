/** What was planned, at the top of a page, and the contrasts of the plan as a table. */
import type { DocumentBlock } from '@ligature/core';
import { both, heading, differenceCell, raw, shown, tableOf } from '../presentation/rows.js';
import { code } from '../presentation/words.js';
import { amount, findingText, metricName, seedsOfPlanned } from '../statistics/wording.js';
import type { FoundContrast, Planned } from './found.js';
import { plannedLines } from './words.js';

type Line = FoundContrast & { readonly kind: 'primary' | 'secondary' };

/** Nothing without a plan. */
export function plannedBlocks({
  plan,
  keptPlan,
  seeds,
}: Planned & { readonly seeds: readonly number[] }): DocumentBlock[] {
  if (plan === null) return [];
  const kept =
    keptPlan === null
      ? []
      : [
          keptPlan.changed
            ? `The plan was changed after the study began; it was ${code(keptPlan.digest.slice(0, 12))}.`
            : `The plan was kept before the first trial, as ${code(keptPlan.digest.slice(0, 12))}, and is the same.`,
        ];
  const lines: Line[] = [
    { ...plan.primary, kind: 'primary' },
    ...plan.secondary.map((one): Line => ({ ...one, kind: 'secondary' })),
  ];
  return [
    heading('What was planned'),
    { kind: 'list', items: [...plannedLines(plan, seeds.length), ...kept] },
    tableOf<Line>(
      lines,
      [
        shown(
          'Contrast',
          'text',
          ({ controller, control, dataset }) =>
            `${controller} − ${control}${dataset === null ? '' : ` on ${dataset}`}`,
        ),
        both('kind', 'Planned as', 'text', ({ kind }) => kind),
        raw('of', ({ controller }) => controller),
        raw('against', ({ control }) => control),
        raw('dataset', ({ dataset }) => dataset),
        raw('metric', ({ metric }) => metric.name),
        shown('Seeds', 'text', (line) => seedsOfPlanned(line.seeds.length, line.planned).split(' seed')[0]),
        raw('seeds', (line) => line.seeds.join(' ')),
        raw('planned_seeds', ({ planned }) => planned),
        shown('Difference', '', ({ interval }) => differenceCell(interval), 4),
        raw('difference', ({ interval }) => interval?.mean),
        raw('difference_sd', ({ interval }) => interval?.standardDeviation),
        raw('low', ({ interval }) => interval?.low),
        raw('high', ({ interval }) => interval?.high),
        raw('p', ({ test }) => test?.p),
        both('p_holm', 'Corrected p', 'probability', ({ correctedP }) => correctedP),
        both('margin', 'Margin', '', ({ margin }) => margin),
        raw('p_equivalence', ({ equivalence }) => equivalence?.p),
        raw('p_equivalence_holm', ({ equivalence }) => equivalence?.correctedP),
        both('margin_power', 'Power at margin', 'share', ({ marginPower }) => marginPower),
        raw('detectable', ({ sensitivity }) => sensitivity?.detectable),
        shown('80 % power from', 'text', ({ sensitivity, metric }) =>
          sensitivity === null ? null : amount(sensitivity.detectable, metric),
        ),
        raw('seeds_for_margin', ({ sensitivity }) => sensitivity?.pairsForMargin),
        shown('Finding', 'text', ({ finding }) => findingText(finding)),
        raw('finding', ({ finding }) => finding),
      ],
      {
        caption: `Contrasts that were planned, in test ${[...new Set(lines.map(({ metric }) => metricName(metric)))].join(', ')}`,
        file: 'plan.csv',
        note:
          `The primary contrast is one test, without a correction; the secondary ones are corrected after Holm among themselves. ` +
          `*Power at margin*: with which a difference as large as the margin would have been shown.`,
      },
    ),
  ];
}

/** The 2 x 2 of what a shared block learns from and what untying leaves behind, paired by seed. */
import {
  dataLabel,
  stackLayers,
  type FailedTrial,
  type LigatureEvent,
  type MetricSpec,
  type RunConfig,
} from '@ligature/core';
import { floorsSentence } from '../../presentation/floors.js';
import { CONFIDENCE } from '../../statistics/findings.js';
import { meanInterval } from '../../statistics/student.js';
import { testedDifferences, type TestedDifference } from '../../statistics/tested-differences.js';
import { seedsOf } from '../../seeds.js';
import {
  amount,
  findingText,
  metricHeading,
  metricKey,
  metricName,
  powerText,
} from '../../statistics/wording.js';
import { floorFooter } from '../floors.js';
import type { AuditFloors, AuditReport, AuditTable } from '../types.js';
import { list, plural, probabilityText } from '../words.js';

export const GRADIENTS = ['accumulate', 'source-only'] as const;
export const UNTIES = ['clone', 'alias'] as const;
export type Gradient = (typeof GRADIENTS)[number];
export type Untie = (typeof UNTIES)[number];

/** One trained run of one cell. */
export interface GradientRun {
  readonly gradient: Gradient;
  readonly untie: Untie;
  readonly seed: number;
  /** The primary metric on the test split. */
  readonly value: number;
  /** Blocks that exist at the end. */
  readonly storages: number;
  /** Layers whose last decision was "independent", whatever became of it. */
  readonly decided: number;
  readonly uniqueParameters: number;
}

/** Layers whose last decision was "independent"; layer 0 always is. */
export function decidedIndependent(events: Iterable<LigatureEvent>, layers: number): number {
  const own = new Set(Array.from({ length: layers }, (_, layer) => layer));
  for (const event of events) {
    if (event.type !== 'tying.decided' || event.layer === null || event.source === null) continue;
    if (event.source === event.layer) own.add(event.layer);
    else own.delete(event.layer);
  }
  return own.size;
}

interface Effect {
  readonly name: string;
  /** What it is the difference of. */
  readonly of: string;
  readonly differences: readonly number[];
}

export function gradientsReport(
  runs: readonly GradientRun[],
  config: RunConfig,
  failed: readonly FailedTrial[],
  floors: AuditFloors,
): AuditReport {
  const metric = floors.metrics[0] as MetricSpec;
  const seeds = wholeSeeds(runs);
  const effects = effectsOf(runs, seeds);
  // Each effect is one of all four cells: a seed that one of them lacks is missing on both sides.
  const missing = Math.max(0, seedsOf(config).length - seeds.length);
  const tested =
    seeds.length === 0
      ? []
      : testedDifferences(
          effects.map(({ differences }) => ({
            differences,
            measured: runs.map(({ value }) => value).filter(Number.isFinite),
            missing: { first: missing, second: missing },
          })),
          { better: metric.better },
        );
  return {
    audit: 'gradients',
    title: 'What tied layers learn from, and what untying leaves',
    question:
      'Does it matter whose gradient a shared block gets, and whether untying gives a layer weights of its own?',
    method:
      `A ${stackLayers(config)}-layer stack was trained on ${dataLabel(config)} for ${plural(config.training.steps, 'step')} under the same decisions of ` +
      `${config.controller.name} in all four cells, ${plural(seeds.length, 'seed')}. accumulate: a shared block gets the sum over its uses; ` +
      'source-only: that of its owner. clone: a layer that is untied gets a copy of what it used; alias: it goes on with the shared ' +
      'block, as in the official code.',
    tables: [cells(runs, metric, floors), effectTable(effects, tested, metric), everyRun(runs, metric)],
    figure: {
      title: `Test ${metricName(metric)} by cell and seed`,
      xTitle: 'seed',
      yTitle: `test ${metricHeading(metric)}`,
      series: GRADIENTS.flatMap((gradient) =>
        UNTIES.map((untie) => ({
          name: `${gradient}, ${untie}`,
          points: cell(runs, gradient, untie).map(({ seed, value }) => ({ x: seed, y: value })),
        })),
      ).filter(({ points }) => points.length > 0),
    },
    finding: finding(runs, effects, tested, floors),
    floors,
    limits: [
      'The four cells are those of the clean profile, so that they differ in two options only; the official profile differs in its ' +
        'start, its moments and its repeated updates besides.',
      'Decisions are drawn, not learned: they do not depend on the losses, so all cells of a seed get the same ones.',
      'Short trainings of small stacks; cells with fewer blocks store fewer parameters, so a lower loss is not for the same memory.',
    ],
    failed,
    config,
  };
}

const cell = (runs: readonly GradientRun[], gradient: Gradient, untie: Untie): GradientRun[] =>
  runs.filter((run) => run.gradient === gradient && run.untie === untie);

const valueOf = (runs: readonly GradientRun[], gradient: Gradient, untie: Untie, seed: number): number =>
  cell(runs, gradient, untie).find((run) => run.seed === seed)?.value ?? Number.NaN;

/** Seeds with a finite value in all four cells: only these are pairs. */
function wholeSeeds(runs: readonly GradientRun[]): number[] {
  return [...new Set(runs.map(({ seed }) => seed))].filter((seed) =>
    GRADIENTS.every((gradient) =>
      UNTIES.every((untie) => Number.isFinite(valueOf(runs, gradient, untie, seed))),
    ),
  );
}

/** Main effects and interaction of the 2 x 2, one number per seed. */
function effectsOf(runs: readonly GradientRun[], seeds: readonly number[]): Effect[] {
  const over = (
    name: string,
    of: string,
    contrast: (at: (gradient: Gradient, untie: Untie) => number) => number,
  ): Effect => ({
    name,
    of,
    differences: seeds.map((seed) => contrast((gradient, untie) => valueOf(runs, gradient, untie, seed))),
  });
  return [
    over(
      'gradient',
      'source-only minus accumulate',
      (at) =>
        (at('source-only', 'clone') -
          at('accumulate', 'clone') +
          at('source-only', 'alias') -
          at('accumulate', 'alias')) /
        2,
    ),
    over(
      'untie',
      'alias minus clone',
      (at) =>
        (at('accumulate', 'alias') -
          at('accumulate', 'clone') +
          at('source-only', 'alias') -
          at('source-only', 'clone')) /
        2,
    ),
    over(
      'both',
      'effect of alias under source-only minus under accumulate',
      (at) =>
        at('source-only', 'alias') -
        at('source-only', 'clone') -
        (at('accumulate', 'alias') - at('accumulate', 'clone')),
    ),
  ];
}

function cells(runs: readonly GradientRun[], metric: MetricSpec, floors: AuditFloors): AuditTable {
  const key = `test_${metricKey(metric)}`;
  const { unit } = metric;
  const columns: AuditTable['columns'] = [
    { key: 'cell', heading: 'Gradient, untie', unit: 'text' },
    { key: 'seeds', heading: 'Seeds', unit: 'count' },
    { key, heading: `Test ${metricHeading(metric)}`, unit },
    { key: `${key}_low`, heading: 'Interval from', unit },
    { key: `${key}_high`, heading: 'to', unit },
    { key: 'decided_independent', heading: 'Decided independent', unit: 'effect' },
    { key: 'distinct_storages', heading: 'Distinct storages', unit: 'effect' },
    { key: 'unique_parameters', heading: 'Unique params', unit: 'parameters' },
  ];
  return {
    key: 'cells',
    title: 'Cells, means over seeds',
    columns,
    ...floorFooter(columns, [key], floors),
    rows: GRADIENTS.flatMap((gradient) =>
      UNTIES.flatMap((untie) => {
        const own = cell(runs, gradient, untie);
        if (own.length === 0) return [];
        const mean = (pick: (run: GradientRun) => number): number =>
          own.reduce((sum, run) => sum + pick(run), 0) / own.length;
        const value = meanInterval(
          own.map((run) => run.value),
          CONFIDENCE,
        );
        return [
          [
            ...[`${gradient}, ${untie}`, own.length, value.mean, value.low, value.high],
            ...[mean(({ decided }) => decided), mean(({ storages }) => storages)],
            mean(({ uniqueParameters }) => uniqueParameters),
          ],
        ];
      }),
    ),
  };
}

function effectTable(
  effects: readonly Effect[],
  tested: readonly TestedDifference[],
  metric: MetricSpec,
): AuditTable {
  const { unit } = metric;
  return {
    key: 'effects',
    title:
      `Differences in test ${metricHeading(metric)} by seed (gradient: source-only minus accumulate; untie: alias minus clone; both: the effect of ` +
      'alias under source-only minus that under accumulate)',
    columns: [
      { key: 'effect', heading: 'Effect', unit: 'text' },
      { key: 'difference', heading: 'Difference', unit },
      { key: 'low', heading: 'Interval from', unit },
      { key: 'high', heading: 'to', unit },
      { key: 'hedges_g', heading: "Hedges' g", unit: 'effect' },
      { key: 'p_holm', heading: 'Corrected p', unit: 'probability' },
      { key: 'detectable', heading: '80 % power from', unit },
      { key: 'finding', heading: 'Finding', unit: 'text' },
    ],
    rows: tested.map(({ difference, hedgesG, correctedP, sensitivity, finding: found }, index) => [
      effects[index]?.name ?? '',
      ...[difference.mean, difference.low, difference.high, hedgesG, correctedP],
      sensitivity?.detectable ?? null,
      found === 'no-difference' ? 'none shown' : findingText(found),
    ]),
  };
}

function everyRun(runs: readonly GradientRun[], metric: MetricSpec): AuditTable {
  return {
    key: 'runs',
    title: 'Every run',
    detail: true,
    columns: [
      { key: 'gradient', heading: 'Gradient', unit: 'text' },
      { key: 'untie', heading: 'Untie', unit: 'text' },
      { key: 'seed', heading: 'Seed', unit: 'count' },
      { key: `test_${metricKey(metric)}`, heading: `Test ${metricHeading(metric)}`, unit: metric.unit },
      { key: 'decided_independent', heading: 'Decided independent', unit: 'count' },
      { key: 'distinct_storages', heading: 'Distinct storages', unit: 'count' },
      { key: 'unique_parameters', heading: 'Unique params', unit: 'parameters' },
    ],
    rows: runs.map(({ gradient, untie, seed, value, decided, storages, uniqueParameters }) => [
      ...[gradient, untie, seed, value],
      ...[decided, storages, uniqueParameters],
    ]),
  };
}

function finding(
  runs: readonly GradientRun[],
  effects: readonly Effect[],
  tested: readonly TestedDifference[],
  { floors, metrics }: AuditFloors,
): string {
  const metric = metrics[0] as MetricSpec;
  return [
    tested.length === 0 ? 'No seed finished in all four cells, so nothing can be compared.' : '',
    ...tested.map((one, index) => effectSentence(effects[index] as Effect, one, metric)),
    storageSentence(runs),
    floorsSentence(
      floors,
      metric,
      runs.map(({ value }) => value),
    ),
  ]
    .filter(Boolean)
    .join(' ');
}

function effectSentence({ name, of }: Effect, tested: TestedDifference, metric: MetricSpec): string {
  const { difference, correctedP, finding: found } = tested;
  const { mean, low, high } = difference;
  const size = `${mean > 0 ? '+' : ''}${amount(mean, metric)}`;
  const bounds =
    low === null || high === null ? '' : `, 95 % interval ${low.toFixed(3)} to ${high.toFixed(3)}`;
  const p = correctedP === null ? '' : `, ${probabilityText(correctedP)}`;
  const what = { gradient: 'The gradient mode', untie: 'The untie policy', both: 'Their interaction' }[name];
  const power = found === 'no-difference' ? `; ${powerText(tested, metric)}` : '';
  const numbers = `(${of}: ${size}${bounds}${p}${power})`;
  if (found === 'untested')
    return `${what} could not be tested with ${plural(difference.n, 'seed')} ${numbers}.`;
  if (found === 'incomplete') return `${what}: nothing is claimed, since trials are missing ${numbers}.`;
  if (found === 'identical') return `${what} made no difference to the last digit.`;
  if (found === 'no-difference')
    return `${what}: no difference in ${metricName(metric)} is shown ${numbers}.`;
  return `${what} changes the ${metricName(metric)}: it is ${found} ${numbers}.`;
}

function storageSentence(runs: readonly GradientRun[]): string {
  const parts = UNTIES.flatMap((untie) => {
    const own = runs.filter((run) => run.untie === untie);
    if (own.length === 0) return [];
    const mean = (pick: (run: GradientRun) => number): string =>
      (own.reduce((sum, run) => sum + pick(run), 0) / own.length).toFixed(2);
    const real = mean(({ storages }) => storages);
    const decided = mean(({ decided: count }) => count);
    return [`with ${untie} ${decided} layers were decided independent and ${real} blocks exist at the end`];
  });
  return parts.length === 0 ? '' : `On average, ${list(parts)}.`;
}

/**
 * Reference points that need no training, beside results: as lines below a table, as dashed lines of a chart, and as a
 * sentence that says where results stand. Nothing here knows what a floor is made of.
 */
import { largest, smallest } from '@ligature/core';
import type {
  DocumentBlock,
  DocumentLevel,
  DocumentTable,
  MeasuredFloor,
  Metrics,
  MetricSpec,
  TrialResult,
} from '@ligature/core';
import { amount, byMetric, isBetter, metricAxis, metricKey } from '../statistics/wording.js';
import { both, raw, tableOf } from './rows.js';

/** `unigram floor` */
export const floorName = ({ name }: Pick<MeasuredFloor, 'name'>): string => `${name} floor`;

/**
 * Those that all trials have to the last digit; none where their data differ, as in a sweep over tokenizers, or where
 * results of before there were floors are among them.
 */
export function sharedFloors(trials: readonly Pick<TrialResult, 'floors'>[]): readonly MeasuredFloor[] {
  const [first] = trials;
  if (!first?.floors) return [];
  const measured = JSON.stringify(first.floors);
  return trials.every(({ floors }) => JSON.stringify(floors) === measured) ? first.floors : [];
}

type Measured = Pick<TrialResult, 'metrics' | 'lossUnit'>;

/** What floors there are, in words below a table, and their numbers as a file. */
export function floorBlocks(
  floors: readonly MeasuredFloor[],
  task: Measured,
  file = 'floors.csv',
): DocumentBlock[] {
  return floors.length === 0
    ? []
    : [{ kind: 'text', text: floorsNote(floors) }, floorTable(floors, task, file)];
}

/** `*unigram floor*: how often …; *bigram floor*: …. Floors need no training …` */
export function floorsNote(floors: readonly MeasuredFloor[]): string {
  const each = floors.map((floor) => `*${floorName(floor)}*: ${floor.description}`).join('; ');
  return `${each}. ${floors.length === 1 ? 'It needs' : 'They need'} no training, and ${floors.length === 1 ? 'is' : 'are'} measured on the targets that results are measured on.`;
}

/** For programs: a line each. */
function floorTable(floors: readonly MeasuredFloor[], { metrics }: Measured, file: string): DocumentTable {
  const of = (split: 'validation' | 'test') =>
    metrics.map((metric) =>
      raw<MeasuredFloor>(`${split}_${metricKey(metric)}`, (floor) => floor[split][metric.name]),
    );
  return tableOf(
    floors,
    [
      both<MeasuredFloor>('floor', 'Floor', 'text', ({ name }) => name),
      raw('description', ({ description }) => description),
      ...of('validation'),
      ...of('test'),
    ],
    { caption: 'Reference points that need no training', file, in: [] },
  );
}

/** Whether the first metric is a number of what training losses are numbers of. */
export const inLossUnit = ({ metrics: [primary], lossUnit }: Measured): boolean =>
  primary !== undefined && metricAxis(primary, lossUnit) === lossUnit;

/** For curves of the training loss; none where the first metric is not in its unit. */
export function floorLevels(
  floors: readonly MeasuredFloor[],
  { metrics, lossUnit }: Measured,
): DocumentLevel[] {
  const [primary] = metrics;
  if (primary === undefined || !inLossUnit({ metrics, lossUnit })) return [];
  return floors.flatMap((floor) => {
    const value = floor.test[primary.name] ?? floor.validation[primary.name];
    return value === undefined ? [] : [{ label: `${floorName(floor)} ${value.toFixed(3)}`, value }];
  });
}

interface Step {
  readonly name: string;
  readonly value: number;
}

/**
 * Where results stand, in a sentence: `All 5 end between the unigram floor (5.861 nats) and the bigram floor (4.265 nats),
 * 12 to 15 % of the way.` Empty where there is nothing to say.
 *
 * @param values one for each of what was trained; those that are not finite are left out
 * @param split on which they were measured
 */
export function floorsSentence(
  floors: readonly MeasuredFloor[],
  metric: MetricSpec,
  values: readonly number[],
  split: 'validation' | 'test' = 'test',
): string {
  const steps = floors
    .flatMap((floor) => stepOf(floor, floor[split], metric))
    .sort((a, b) => -byMetric(metric)(a.value, b.value));
  const finite = values.filter((value) => Number.isFinite(value));
  if (steps.length === 0 || finite.length === 0) return '';
  // As many zones as floors and one: before the weakest, between two, beyond the strongest.
  const zones = Array.from({ length: steps.length + 1 }, (_, zone) =>
    finite.filter((value) => zoneOf(value, steps, metric) === zone),
  );
  const parts = zones.flatMap((own, zone) =>
    own.length === 0 ? [] : [`${counted(own.length, finite.length)} ${place(own, zone, steps, metric)}`],
  );
  return `${parts.join('; ')}.`;
}

function stepOf(floor: MeasuredFloor, measured: Metrics, { name }: MetricSpec): Step[] {
  const value = measured[name];
  return value === undefined || !Number.isFinite(value) ? [] : [{ name: floorName(floor), value }];
}

const zoneOf = (value: number, steps: readonly Step[], metric: MetricSpec): number =>
  steps.filter((step) => isBetter(value, step.value, metric)).length;

function counted(own: number, all: number): string {
  if (all === 1) return 'It ends';
  if (own === all) return `${all === 2 ? 'Both' : `All ${all}`} end`;
  return `${own} of ${all} ${own === 1 ? 'ends' : 'end'}`;
}

function place(values: readonly number[], zone: number, steps: readonly Step[], metric: MetricSpec): string {
  const [weaker, stronger] = [steps[zone - 1], steps[zone]];
  const named = ({ name, value }: Step): string => `the ${name} (${amount(value, metric)})`;
  const [better, worse] = metric.better === 'lower' ? ['below', 'above'] : ['above', 'below'];
  if (weaker === undefined) {
    const { value } = stronger as Step;
    const level = values.filter((one) => one === value).length;
    const where = level === 0 ? worse : level === values.length ? 'at' : `at or ${worse}`;
    return `${where} ${named(stronger as Step)}: no better than what needs no training`;
  }
  if (stronger === undefined) {
    const ahead = values.map((value) => Math.abs(value - weaker.value));
    return `${better} ${named(weaker)}, by ${range(ahead, (value) => amount(value, metric))}`;
  }
  const shares = values.map((value) => (value - weaker.value) / (stronger.value - weaker.value));
  return `between ${named(weaker)} and ${named(stronger)}, ${range(shares, (share) => `${Math.floor(100 * share)} %`)} of the way`;
}

/** `12 to 15 %`: the unit of both once; one number where both print alike. */
function range(values: readonly number[], print: (value: number) => string): string {
  const [low, high] = [print(smallest(values)), print(largest(values))];
  if (low === high) return low;
  const unit = /[^\d.]+$/.exec(high)?.[0] ?? '';
  return `${unit !== '' && low.endsWith(unit) ? low.slice(0, -unit.length) : low} to ${high}`;
}

/** A sweep as tables, a picture and words. */
import type { MetricSpec, StudyDocument, Unit } from '@ligature/core';
import { plannedBlocks } from '../planned/blocks.js';
import { floorBlocks } from '../presentation/floors.js';
import { halfCell, heading, raw, shown, tableOf, withFloor, type ColumnOf } from '../presentation/rows.js';
import { capital, code, describeBudget, lossNote, seedsText, tokenizerText } from '../presentation/words.js';
import { metricHeading, metricKey } from '../statistics/wording.js';
import { sweepDrawing } from './chart.js';
import { isWhole } from './choice.js';
import { ofSplit, SPLITS } from './objective.js';
import type { Sweep, SweepNumber, SweepRow } from './types.js';

/** More lines than these are for the files. */
const MOST_LINES = 30;

export function presentSweep(sweep: Sweep): StudyDocument {
  const { rows, objective, axes, failed, unfinished, config, note, fields, plan } = sweep;
  const drawn = axes.length > 0 && rows.some((row) => Number.isFinite(row.objective.mean));
  return {
    name: 'sweep',
    kind: 'sweep',
    title: `${sweep.configurations} configurations on ${sweep.dataset}`,
    lead: lead(sweep),
    verdict: note,
    body: [
      ...plannedBlocks(sweep),
      heading(plan === null ? 'What it shows' : 'What was found'),
      { kind: 'verdict' },
      ...(drawn
        ? [
            {
              kind: 'chart' as const,
              id: 'sweep',
              title: `${objective.metric} over the sweep`,
              alt: `Mean ${objective.metric} by ${fields
                .filter(({ path }) => axes.includes(path))
                .map(({ name }) => name)
                .join(' and ')}.`,
              notes: [
                'The best configuration lies in the outlined place; fields that are not shown are averaged over.',
              ],
              file: 'heat-map.svg',
              drawing: sweepDrawing(sweep),
            },
          ]
        : []),
      tableOf(
        fields,
        [shown('Field', 'text', ({ path }) => path), shown('Values', 'text', ({ text }) => text)],
        { caption: 'What was varied', in: ['markdown', 'page'] },
      ),
      ...(rows.length > 0 ? [heading('All configurations')] : []),
      table(sweep),
      ...floorBlocks(sweep.floors, sweep.task),
    ],
    failed: failed.map(({ id, label, seed, message }) => ({ controller: `#${id} ${label}`, seed, message })),
    ...{ unfinished, config },
    command: `ligature sweep --${plan === null ? 'config' : 'plan'} config.json`,
  };
}

function lead(sweep: Sweep): string {
  const { config, search, configurations, seeds, dataset, backend, objective } = sweep;
  const way = search === 'grid' ? 'every combination' : `drawn at random with seed ${config.seed}`;
  return (
    `${configurations} configurations, ${way}, of ${code(config.model.name)} on ${code(dataset)}, ` +
    `${tokenizerText({ ...sweep, vocabularySize: 0 })}backend ${code(backend)}, ${seedsText(seeds)}. Where a field below does not say otherwise: ` +
    `${describeBudget(config)}. Objective: ${objective.goal} ${code(objective.metric)}.`
  );
}

interface Measure {
  /** As objectives name it. */
  readonly name: string;
  readonly key: string;
  readonly heading: string;
  readonly unit: Unit;
  readonly read: (row: SweepRow) => SweepNumber;
  /** Costs are means alone: their spread is that of the maps, or of the machine. */
  readonly interval: boolean;
  /** Where it is a metric of a split: floors have it, too. */
  readonly measured?: { readonly split: 'validation' | 'test'; readonly metric: MetricSpec };
}

function measures({ task }: Sweep): Measure[] {
  const primary = task.metrics[0] as MetricSpec;
  const cost = (name: string, key: string, title: string, unit: Unit, read: Measure['read']): Measure => ({
    name,
    key,
    heading: title,
    unit,
    read,
    interval: false,
  });
  const split = (name: 'validation' | 'test', short: string): Measure => ({
    name: `${name}.${primary.name}`,
    key: `${name}_${metricKey(primary)}`,
    heading: `${short} ${metricHeading(primary)}`,
    unit: primary.unit,
    read: (row) => row[name],
    interval: true,
    measured: { split: name, metric: primary },
  });
  return [
    split('validation', 'Val.'),
    split('test', 'Test'),
    cost('parameters', 'unique_parameters', 'Unique params', 'parameters', (row) => row.uniqueParameters),
    cost('independentLayers', 'independent_layers', 'Own blocks', 'layers', (row) => row.independentLayers),
    cost(
      'tokensPerSecond',
      'tokens_per_second',
      `${capital(task.unit)}/s`,
      'rate',
      (row) => row.tokensPerSecond,
    ),
  ];
}

const COSTS: Readonly<Record<string, Unit>> = {
  tokensPerSecond: 'rate',
  trainingSeconds: 'seconds',
  parameters: 'parameters',
  trainableParameters: 'parameters',
  independentLayers: 'layers',
  peakMemory: 'bytes',
  peakTensors: 'bytes',
};

/** The objective has the first column; a second one would only repeat it. */
function objectiveOf({ objective: { metric }, task }: Sweep, known: readonly Measure[]): Measure {
  const split = SPLITS.find((one) => metric.startsWith(`${one}.`));
  const declared = task.metrics.find(({ name }) => ofSplit(name).includes(metric));
  return {
    name: metric,
    key: metricKey({ name: metric, unit: '', better: 'lower' }),
    heading: known.find(({ name }) => name === metric)?.heading ?? metric,
    unit: COSTS[metric] ?? declared?.unit ?? '',
    read: ({ objective }) => objective,
    interval: true,
    ...(declared && split && { measured: { split, metric: declared } }),
  };
}

/** A line per configuration, best first; raw: varied fields by their paths, means, bounds of the intervals. */
function table(sweep: Sweep) {
  const { fields, objective, rows, seeds, task, floors } = sweep;
  const known = measures(sweep);
  const all = [objectiveOf(sweep, known), ...known.filter(({ name }) => name !== objective.metric)];
  const incomplete = rows.some((row) => !isWhole(row, seeds.length));
  const people = ({ heading: title, unit, read, measured }: Measure): ColumnOf<SweepRow> => {
    const one = shown<SweepRow>(title, unit, (row) => halfCell(read(row)));
    return measured ? withFloor(one, measured.split, measured.metric) : one;
  };
  const column = (measure: Measure): ColumnOf<SweepRow>[] => {
    const { key, heading: title, unit, read, interval } = measure;
    return interval
      ? [
          people(measure),
          raw(key, (row) => read(row).mean),
          raw(`${key}_low`, (row) => read(row).low),
          raw(`${key}_high`, (row) => read(row).high),
        ]
      : [{ key, heading: title, unit, of: (row) => read(row).mean }];
  };
  const spread =
    seeds.length > 1 ? ` Numbers are means over seeds ± half of their 95 % interval (Student's t).` : '';
  return tableOf<SweepRow>(
    rows,
    [
      shown('#', 'text', ({ id }) => `#${id}`),
      raw('configuration', ({ id }) => id),
      ...fields.map(({ path, name }, index): ColumnOf<SweepRow> => ({
        key: path,
        heading: name,
        unit: 'text',
        of: ({ texts }) => texts[index],
      })),
      raw('seeds', (row) => row.seeds.join(' ')),
      ...all.flatMap(column),
      ...(floors.length === 0 ? ownFloors(sweep) : []),
      ...(incomplete
        ? [shown<SweepRow>('Seeds', 'text', (row) => `${row.objective.n} of ${seeds.length}`)]
        : []),
      raw('objective_by_seed', (row) =>
        row.objective.values.map((value) => (Number.isFinite(value) ? value : '')).join(' '),
      ),
    ],
    {
      caption: 'Best first',
      file: 'sweep.csv',
      floors,
      lines: MOST_LINES,
      note: `Sorted by ${code(objective.metric)}, best first. ${lossNote(task.lossUnit)} Parameters are counted once per block.${spread}`,
    },
  );
}

/** Where configurations have floors of their own, as with another tokenizer, they stand in the line of each. */
function ownFloors({ rows, task }: Sweep): ColumnOf<SweepRow>[] {
  const metric = task.metrics[0] as MetricSpec;
  const names = [...new Set(rows.flatMap((row) => row.floors.map(({ name }) => name)))];
  return names.map((name) => ({
    key: `${name.replaceAll(/\W+/g, '_')}_floor_test_${metricKey(metric)}`,
    heading: `${capital(name)} floor`,
    unit: metric.unit,
    of: (row) => row.floors.find((floor) => floor.name === name)?.test[metric.name],
  }));
}

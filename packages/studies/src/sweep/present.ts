/** A sweep as tables, a picture and words. */
import type { MetricSpec, StudyDocument, Unit } from '@ligature/core';
import { halfCell, heading, raw, shown, tableOf, type ColumnOf } from '../presentation/rows.js';
import { capital, code, describeBudget, lossNote, seedsText, tokenizerText } from '../presentation/words.js';
import { metricHeading, metricKey } from '../statistics/wording.js';
import { sweepDrawing } from './chart.js';
import { isWhole } from './choice.js';
import { ofSplit } from './objective.js';
import type { Sweep, SweepNumber, SweepRow } from './types.js';

/** More lines than these are for the files. */
const MOST_LINES = 30;

export function presentSweep(sweep: Sweep): StudyDocument {
  const { rows, objective, axes, failed, unfinished, config, note, fields } = sweep;
  const drawn = axes.length > 0 && rows.some((row) => Number.isFinite(row.objective.mean));
  return {
    name: 'sweep',
    kind: 'sweep',
    title: `${sweep.configurations} configurations on ${sweep.dataset}`,
    lead: lead(sweep),
    verdict: note,
    body: [
      heading('What it shows'),
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
    ],
    failed: failed.map(({ id, label, seed, message }) => ({ controller: `#${id} ${label}`, seed, message })),
    ...{ unfinished, config },
    command: 'ligature sweep --config config.json',
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
  const declared = task.metrics.find(({ name }) => ofSplit(name).includes(metric));
  return {
    name: metric,
    key: metricKey({ name: metric, unit: '', better: 'lower' }),
    heading: known.find(({ name }) => name === metric)?.heading ?? metric,
    unit: COSTS[metric] ?? declared?.unit ?? '',
    read: ({ objective }) => objective,
    interval: true,
  };
}

/** A line per configuration, best first; raw: varied fields by their paths, means, bounds of the intervals. */
function table(sweep: Sweep) {
  const { fields, objective, rows, seeds, task } = sweep;
  const known = measures(sweep);
  const all = [objectiveOf(sweep, known), ...known.filter(({ name }) => name !== objective.metric)];
  const incomplete = rows.some((row) => !isWhole(row, seeds.length));
  const column = ({ key, heading: title, unit, read, interval }: Measure): ColumnOf<SweepRow>[] =>
    interval
      ? [
          shown(title, unit, (row) => halfCell(read(row))),
          raw(key, (row) => read(row).mean),
          raw(`${key}_low`, (row) => read(row).low),
          raw(`${key}_high`, (row) => read(row).high),
        ]
      : [{ key, heading: title, unit, of: (row) => read(row).mean }];
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
      lines: MOST_LINES,
      note: `Sorted by ${code(objective.metric)}, best first. ${lossNote(task.lossUnit)} Parameters are counted once per block.${spread}`,
    },
  );
}

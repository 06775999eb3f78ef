/** A comparison as tables, charts and words. */
import type { DocumentBlock, DocumentChart, MetricSpec, StudyDocument } from '@ligature/core';
import { plannedBlocks } from '../planned/blocks.js';
import { floorBlocks, floorLevels } from '../presentation/floors.js';
import { intervalChart } from '../presentation/interval-chart.js';
import {
  both,
  heading,
  intervalCell,
  raw,
  shown,
  spreadCell,
  tableOf,
  withFloor,
  type ColumnOf,
} from '../presentation/rows.js';
import {
  equivalenceColumns,
  marginNote,
  missingNote,
  powerColumns,
  powerNote,
} from '../presentation/sensitivity.js';
import {
  capital,
  code,
  describeBudget,
  describeData,
  lossNote,
  mapText,
  seedsText,
  sideBySideNote,
  tokenizerText,
} from '../presentation/words.js';
import type { ControllerMean } from '../statistics/comparison-statistics.js';
import type { Spread } from '../statistics/spread.js';
import {
  amount,
  findingText,
  metricAxis,
  metricHeading,
  metricKey,
  metricName,
} from '../statistics/wording.js';
import { memoryChart } from './memory-chart.js';
import { paretoChart } from './pareto-chart.js';
import { trialBlocks, warnings } from './trials.js';
import type { Comparison, ComparisonRow } from './types.js';

export function presentComparison(comparison: Comparison): StudyDocument {
  const { config, rows, dataset, verdict, failed, unfinished, plan, texts } = comparison;
  const several = texts.length > 0;
  return {
    name: 'comparison',
    kind: 'comparison',
    title: several
      ? `${config.compare.controllers.length} controllers on ${texts.length} texts`
      : `${rows.length} controllers on ${dataset}`,
    lead: lead(comparison),
    verdict,
    body: [
      ...plannedBlocks(comparison),
      heading(plan === null ? 'What it shows' : 'What was found'),
      { kind: 'verdict' },
      ...(several ? pooledBlocks(comparison) : oneText(comparison)),
      ...trialBlocks(allTrials(comparison)),
      ...warnings(allTrials(comparison)),
    ],
    ...{ failed, unfinished, config },
    command: `ligature compare --${plan === null ? 'config' : 'plan'} config.json`,
  };
}

/** Tables and pictures of one dataset. */
const oneText = (comparison: Comparison): DocumentBlock[] => [
  ...(comparison.rows.length > 0
    ? [
        heading('What each controller costs and gives'),
        mainTable(comparison),
        legend(comparison),
        ...floorBlocks(comparison.floors, comparison.task),
      ]
    : []),
  ...terminalMaps(comparison),
  ...statistics(comparison),
  ...charts(comparison),
];

/** All texts together, then each by itself. */
function pooledBlocks(comparison: Comparison): DocumentBlock[] {
  const { texts, statistics: found } = comparison;
  const names = texts.map(({ label }) => label).join(', ');
  return [
    ...(found.means.length > 0
      ? [
          heading('All texts together'),
          {
            kind: 'text' as const,
            text:
              `Of ${names}: the mean over the texts, seed by seed, so that one seed counts once. Differences are those of these texts, ` +
              `not of others that might have been chosen; a seed that one text lacks is missing here.`,
            in: ['markdown', 'page'] as const,
          },
          ...statistics(comparison),
          ...[meansChart(comparison), differencesChart(comparison)].filter((chart) => chart !== undefined),
        ]
      : []),
    ...texts.flatMap(({ label, comparison: part }, index) => [
      heading(label),
      { kind: 'text' as const, text: `*${label}*: ${part.verdict}` },
      ...oneText(part).map((block) => ofText(block, label, index + 1)),
    ]),
  ];
}

/** The same block with a file and an id of its own. */
function ofText(block: DocumentBlock, label: string, place: number): DocumentBlock {
  const part = label.replace(/[^A-Za-z0-9.=-]+/g, '-').replace(/^[.=-]+|-+$/g, '') || String(place);
  const filed = (file: string): string => file.replace(/(\.[a-z]+)$/, `-${part}$1`);
  switch (block.kind) {
    case 'table':
      return {
        ...block,
        caption: `${label}: ${block.caption}`,
        ...(block.file !== undefined && { file: filed(block.file) }),
      };
    case 'chart':
      return {
        ...block,
        ...{ id: `${block.id}-${place}`, title: `${block.title}, ${label}` },
        ...(block.file !== undefined && { file: filed(block.file) }),
      };
    case 'tie-maps':
      return { ...block, title: `${block.title}, ${label}` };
    default:
      return block;
  }
}

/** Those of all texts together; each knows its own. */
const allTrials = (comparison: Comparison): Comparison =>
  comparison.texts.length === 0
    ? comparison
    : {
        ...comparison,
        trials: comparison.texts.flatMap(({ comparison: part }) => part.trials),
        ids: comparison.texts.flatMap(({ comparison: part }) => part.ids),
      };

const primaryOf = ({ task }: Comparison): MetricSpec => task.metrics[0] as MetricSpec;

function lead(comparison: Comparison): string {
  const { config, dataset, backend, seeds, trials, task } = comparison;
  const data = trials[0] ? describeData(trials[0].data) : '';
  const sizes = data === '' ? '' : `: ${data}`;
  const { budget } = config.training;
  const start = 'and, per seed, the same initial weights';
  const equal =
    budget?.kind !== 'flops' && budget?.kind !== 'seconds'
      ? `Every controller got the same ${task.unit} in the same order ${start}.`
      : `Every controller got the same ${
          budget.kind === 'flops'
            ? 'FLOPs of training and measuring, by the ledger'
            : 'seconds of training, on this machine'
        }, the data in the same order ${start}; the ${task.unit} differ.`;
  return (
    `${code(config.model.name)} with ${describeBudget(config)} on ${code(dataset)}, ` +
    `${tokenizerText(comparison)}backend ${code(backend)}, ${seedsText(seeds)}${sizes}. ${equal}`
  );
}

const NONE: Spread = { mean: Number.NaN, standardDeviation: null, values: [] };

/** A line per controller; with the training tokens first where the budget does not make them equal. */
function mainTable(comparison: Comparison) {
  const { config, rows, seeds, task, floors } = comparison;
  const { budget } = config.training;
  const measures = rows.some(({ measuring }) => (measuring?.tokens.mean ?? 0) > 0);
  const several = rows.some((row) => row.seeds.length > 1);
  const spread = (
    key: string,
    title: string,
    unit: string,
    of: (row: ComparisonRow) => Spread,
  ): ColumnOf<ComparisonRow>[] => [
    shown(title, unit, (row) => spreadCell(of(row))),
    raw(key, (row) => of(row).mean),
    ...(several ? [raw<ComparisonRow>(`${key}_sd`, (row) => of(row).standardDeviation)] : []),
  ];
  const metrics = (split: 'validation' | 'test', short: string) =>
    task.metrics.flatMap((metric) => {
      const [people, ...programs] = spread(
        `${split}_${metricKey(metric)}`,
        `${short} ${metricHeading(metric)}`,
        metric.unit,
        (row) => row[split][metric.name] ?? NONE,
      );
      return [withFloor(people as ColumnOf<ComparisonRow>, split, metric), ...programs];
    });
  return tableOf(
    rows,
    [
      both<ComparisonRow>('controller', 'Controller', 'text', ({ controller }) => controller),
      raw('seeds', (row) => row.seeds.join(' ')),
      raw('measured_seeds', ({ measured }) => measured),
      raw('planned_seeds', ({ planned }) => planned),
      ...(rows.some(({ measured, planned }) => measured < planned)
        ? [shown<ComparisonRow>('Seeds', 'text', ({ measured, planned }) => `${measured} of ${planned}`)]
        : []),
      ...(budget?.kind === 'flops' || budget?.kind === 'seconds' || (budget !== null && measures)
        ? spread(`training_${task.unit}`, `Training ${task.unit}`, 'parameters', ({ tokens }) => tokens)
        : []),
      ...metrics('validation', 'Val.'),
      ...metrics('test', 'Test'),
      ...spread('independent_layers', 'Independent layers', 'layers', (row) => row.independentLayers),
      ...spread('unique_parameters', 'Unique params', 'parameters', (row) => row.uniqueParameters),
      ...spread('trainable_parameters', 'Trainable params', 'parameters', (row) => row.trainableParameters),
      ...spread('reduction', 'Reduction', 'share', ({ reduction }) => reduction),
      ...(measures
        ? [
            ...spread('measuring_share', 'Measuring', 'share', ({ measuring }) => measuring?.share ?? NONE),
            raw<ComparisonRow>('measuring_tokens', ({ measuring }) => measuring?.tokens.mean),
            raw<ComparisonRow>('measuring_flops', ({ measuring }) => measuring?.flops.mean),
          ]
        : []),
      ...spread('peak_resident_bytes', 'Peak memory', 'bytes', (row) => row.peakResidentBytes),
      ...spread('peak_backend_bytes', 'Peak tensors', 'bytes', (row) => row.peakBackendBytes),
      ...spread('tokens_per_second', `${capital(task.unit)}/s`, 'rate', (row) => row.tokensPerSecond),
      raw('tie_map', ({ tieMaps }) => tieMaps.map(mapText).join(' ')),
    ],
    {
      caption:
        seeds.length > 1
          ? `Means over ${seeds.length} seeds ± sample standard deviation`
          : 'One seed: nothing is known of the spread',
      file: 'table.csv',
      floors,
    },
  );
}

/** What the column says, where there is one. */
const measuringNote = ({ rows, config }: Comparison): string => {
  if (!rows.some(({ measuring }) => (measuring?.tokens.mean ?? 0) > 0)) return '';
  const { budget } = config.training;
  const charged =
    budget?.kind === 'tokens' || budget?.kind === 'flops'
      ? 'taken from the budget'
      : budget
        ? 'its time is part of the budget'
        : 'beside the steps of the budget';
  return `*Measuring* is the share of all operations that measurements for controllers and rewards took, ${charged}. `;
};

function legend(comparison: Comparison): DocumentBlock {
  const { config, seeds, trials, task } = comparison;
  const untied = trials[0] ? `${trials[0].ledger.totalParameters.toLocaleString('en-US')} ` : '';
  const spread =
    seeds.length > 1 ? ` Numbers are means over ${seeds.length} seeds ± sample standard deviation.` : '';
  return {
    kind: 'text',
    text: `${lossNote(task.lossUnit)} Parameters are counted once per block; *Reduction* is the share of the ${untied}parameters of the untied stack that a controller does without. ${measuringNote(comparison)}*Peak memory* is the whole process, *Peak tensors* what the backend held.${spread} ${sideBySideNote(config, task.unit)}`.trim(),
    in: ['markdown', 'page'],
  };
}

/** The terminal has them in colour, and says of speed what there is to say. */
function terminalMaps({ rows, config, task }: Comparison): DocumentBlock[] {
  if (rows.length === 0) return [];
  const note = sideBySideNote(config, task.unit);
  return [
    {
      kind: 'tie-maps',
      title: 'Final tie maps',
      in: ['terminal', 'markdown'],
      maps: rows.flatMap(({ controller, seeds, tieMaps }) =>
        tieMaps.map((map, index) => ({
          label: seeds.length > 1 ? `${controller}, seed ${seeds[index]}` : controller,
          map,
        })),
      ),
    },
    ...(note === '' ? [] : [{ kind: 'text' as const, text: note, in: ['terminal'] as const }]),
  ];
}

/** A line per controller, set against the control; nothing for people when nothing was tested, as with one seed. */
function statistics(comparison: Comparison): DocumentBlock[] {
  const {
    statistics: { means, againstControl, control, confidence, margin },
    task,
  } = comparison;
  const primary = primaryOf(comparison);
  const tested = againstControl.some(({ test }) => test !== null);
  const incomplete = means.some(({ n, planned }) => n < planned);
  const level = `${Math.round(confidence * 100)} % interval`;
  const pair = ({ controller }: ControllerMean) =>
    againstControl.find((one) => one.controller === controller);
  const key = `test_${metricKey(primary)}`;
  const { unit } = primary;
  const table = tableOf<ControllerMean>(
    means,
    [
      both('controller', 'Controller', 'text', ({ controller }) => controller),
      raw('seeds', ({ n }) => n),
      raw('planned_seeds', ({ planned }) => planned),
      ...(incomplete
        ? [shown<ControllerMean>('Seeds', 'text', ({ n, planned }) => `${n} of ${planned}`)]
        : []),
      withFloor(
        both(key, `Test ${metricHeading(primary)}`, unit, ({ mean }) => mean),
        'test',
        primary,
      ),
      shown(level, unit, intervalCell),
      raw(`${key}_sd`, ({ standardDeviation }) => standardDeviation),
      raw(`${key}_low`, ({ low }) => low),
      raw(`${key}_high`, ({ high }) => high),
      raw('control', (mean) => (pair(mean) ? control : '')),
      raw('paired_seeds', (mean) => pair(mean)?.seeds.length),
      both('difference', `Minus ${control}`, unit, (mean) => pair(mean)?.interval?.mean),
      raw('difference_sd', (mean) => pair(mean)?.interval?.standardDeviation),
      shown(level, unit, (mean) => {
        const interval = pair(mean)?.interval;
        return interval ? intervalCell(interval) : null;
      }),
      raw('difference_low', (mean) => pair(mean)?.interval?.low),
      raw('difference_high', (mean) => pair(mean)?.interval?.high),
      raw('t', (mean) => pair(mean)?.test?.t),
      raw('degrees_of_freedom', (mean) => pair(mean)?.test?.degreesOfFreedom),
      raw('p', (mean) => pair(mean)?.test?.p),
      shown("Hedges' g", 'effect', (mean) => pair(mean)?.test?.hedgesG),
      both('p_holm', 'Corrected p', 'probability', (mean) => pair(mean)?.correctedP),
      raw('cohens_d', (mean) => pair(mean)?.test?.cohensD),
      raw('hedges_g', (mean) => pair(mean)?.test?.hedgesG),
      ...powerColumns<ControllerMean>(unit, pair, means),
      ...(margin === null ? [] : equivalenceColumns<ControllerMean>(pair)),
      shown('Finding', 'text', (mean) => {
        const finding = pair(mean)?.finding;
        return finding === undefined ? 'the control' : findingText(finding);
      }),
      raw('finding', (mean) => pair(mean)?.finding ?? 'control'),
    ],
    {
      caption: `Test ${metricName(primary)}, and its difference from ${control}, seed by seed`,
      file: 'statistics.csv',
      floors: comparison.floors,
      ...(!tested && { in: [] }),
      note:
        `Test ${metricName(primary)} in ${metricAxis(primary, task.lossUnit)}, ${primary.better} is better. Differences are taken seed by seed; intervals and p-values are those of ` +
        `Student's t, two-sided, p corrected after Holm over the controllers of this table; *Hedges' g* is the mean difference ` +
        `over the standard deviation of the differences, without its bias in small samples. A difference counts as shown when ` +
        `the corrected p is below ${(1 - confidence).toFixed(2)}; *no difference shown* does not mean that there is none. ${powerNote}` +
        (margin === null ? '' : ` ${marginNote(margin, primary)}`) +
        (incomplete ? ` ${missingNote}` : ''),
    },
  );
  return [...(tested ? [heading(`Against ${code(control ?? '')}`)] : []), table];
}

function charts(comparison: Comparison): DocumentBlock[] {
  const { rows, trials, ids, task, floors } = comparison;
  if (rows.length === 0) return [];
  const loss: DocumentChart = {
    kind: 'chart',
    id: 'loss',
    title: 'Training loss',
    alt: `Training loss of ${rows.length} controllers.`,
    notes: [],
    file: 'loss.svg',
    drawing: {
      kind: 'loss',
      yTitle: task.lossUnit,
      unit: task.unit,
      levels: floorLevels(floors, task),
      curves: trials.map(({ controller, seed, tokens, losses }, index) => ({
        ...{ trial: ids[index] as string, label: controller, seed, tokens, losses },
      })),
    },
  };
  return [
    meansChart(comparison),
    differencesChart(comparison),
    paretoChart(comparison),
    loss,
    memoryChart(comparison),
  ].filter((chart) => chart !== undefined);
}

/** The primary metric by controller. */
function meansChart(comparison: Comparison): DocumentChart | undefined {
  const { statistics: found, rows, task } = comparison;
  const { means, confidence } = found;
  if (means.length === 0) return undefined;
  const primary = primaryOf(comparison);
  const axis = metricAxis(primary, task.lossUnit);
  return intervalChart(
    means.map(({ controller, mean, low, high }) => ({
      ...{ label: controller, mean, low, high, finding: '' },
      values: rows.find((row) => row.controller === controller)?.test[primary.name]?.values ?? [],
    })),
    {
      id: 'means',
      title: `Test ${metricName(primary)}`,
      alt: `${means.map(({ controller, mean }) => `${controller} ${amount(mean, { unit: '' })}`).join(', ')} ${axis}.`,
      note: `Points: means over seeds; strokes: the seeds; bars: ${percent(confidence)} intervals of Student's t. Seeds share ${task.unit === 'tokens' ? 'text' : 'data'} and initialization, so intervals that overlap may still differ: see the differences.`,
      axis: `test ${axis}`,
    },
  );
}

/** Differences from the control, seed by seed. */
function differencesChart(comparison: Comparison): DocumentChart | undefined {
  const { againstControl, control, confidence } = comparison.statistics;
  const rows = againstControl.flatMap(({ controller, differences, interval, finding }) => {
    if (interval === null || differences.length === 0) return [];
    const { mean, low, high } = interval;
    return [{ label: controller, mean, low, high, values: differences, finding }];
  });
  if (rows.length === 0) return undefined;
  const primary = primaryOf(comparison);
  const unit = metricHeading(primary);
  return intervalChart(rows, {
    id: 'differences',
    title: `Differences from ${control}`,
    alt: `${rows.map(({ label, mean }) => `${label} ${mean.toFixed(3)}`).join(', ')} ${unit} more than ${control}.`,
    note: `Test ${metricName(primary)} minus that of the control, seed by seed; ${primary.better === 'lower' ? 'left' : 'right'} of zero is better. Bars: ${percent(confidence)} intervals, not corrected for how many there are; the findings of the table are.`,
    axis: `${unit} minus ${control}`,
    zero: true,
  });
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

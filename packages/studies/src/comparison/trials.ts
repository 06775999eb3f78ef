/** The trials of a comparison one by one: their table, their maps, what the diagnostics noticed in them. */
import {
  independentLayers,
  type DocumentBlock,
  type DocumentChart,
  type MetricSpec,
  type TrialResult,
} from '@ligature/core';
import { both, raw, shown, tableOf, withFloor } from '../presentation/rows.js';
import { capital, mapText } from '../presentation/words.js';
import { metricHeading, metricKey } from '../statistics/wording.js';
import { measuringShare } from './rows.js';
import type { Comparison } from './types.js';

/** A line per trial, and the map of each over its training. */
export function trialBlocks(comparison: Comparison): DocumentBlock[] {
  const { trials, ids, task, texts, floors } = comparison;
  const primary = task.metrics[0] as MetricSpec;
  const metrics = (split: 'validation' | 'test') =>
    task.metrics.map((metric) =>
      raw<TrialResult>(`${split}_${metricKey(metric)}`, (trial) => trial[split][metric.name]),
    );
  const table = tableOf<TrialResult>(
    trials,
    [
      ...(texts.length > 0
        ? [both<TrialResult>('dataset', 'Text', 'text', (trial) => textOf(comparison, trial))]
        : []),
      both('controller', 'Controller', 'text', ({ controller }) => controller),
      both('seed', 'Seed', 'count', ({ seed }) => seed),
      raw('outcome', ({ outcome }) => outcome),
      raw('steps', ({ steps }) => steps),
      ...(trials.some(({ best }) => best)
        ? [raw<TrialResult>('measured_step', ({ best, steps }) => best?.step ?? steps)]
        : []),
      raw('tokens', ({ tokens }) => tokens),
      shown('Final tie map', 'map', ({ tieMap }) => tieMap),
      ...metrics('validation'),
      ...metrics('test'),
      raw('independent_layers', ({ ledger }) => ledger.independentLayers),
      shown('Own blocks', 'layers', ({ tieMap }) => independentLayers(tieMap).length),
      withFloor(
        shown(`Test ${metricHeading(primary)}`, primary.unit, ({ test }) => test[primary.name]),
        'test',
        primary,
      ),
      both('unique_parameters', 'Unique params', 'parameters', ({ ledger }) => ledger.uniqueParameters),
      raw('trainable_parameters', ({ ledger }) => ledger.trainableParameters),
      raw('total_parameters', ({ ledger }) => ledger.totalParameters),
      raw('reduction', ({ ledger }) => 1 - ledger.uniqueParameters / ledger.totalParameters),
      raw('peak_resident_bytes', ({ memory }) => memory.residentBytes),
      raw('peak_backend_bytes', ({ memory }) => memory.backendBytes),
      both('tokens_per_second', `${capital(task.unit)}/s`, 'rate', (trial) => trial.tokensPerSecond),
      raw('training_seconds', ({ trainingSeconds }) => trainingSeconds),
      raw('training_flops', ({ trainingFlops }) => trainingFlops),
      raw('measuring_tokens', ({ measuring }) => measuring?.tokens),
      raw('measuring_flops', ({ measuring }) => measuring?.flops),
      raw('measuring_share', measuringShare),
      raw('backend', ({ backend }) => backend.name),
      raw('tie_map', ({ tieMap }) => mapText(tieMap)),
      shown('Folder', 'trial', (trial) => ids[trials.indexOf(trial)]),
    ],
    {
      caption: 'A line for each trial; a line below a cell means that the layer had a block of its own',
      file: 'comparison.csv',
      in: ['page'],
      floors,
    },
  );
  return [
    ...(trials.length > 0
      ? [{ kind: 'heading' as const, text: 'Final tie maps and trials', in: ['page'] as const }]
      : []),
    table,
    ...(trials.length > 0 ? pageNote : []),
    ...trials.map((trial, index): DocumentChart => {
      const { seed, ledger, steps, tieMaps } = trial;
      const controller = nameOf(comparison, trial);
      return {
        kind: 'chart',
        id: `tie-map-${index + 1}`,
        title: `${controller}, seed ${seed}: blocks in use`,
        alt: `Tie map of ${controller}, seed ${seed}`,
        notes: [],
        in: ['markdown'],
        file: `tie-maps/${ids[index]}.svg`,
        drawing: { kind: 'tie-map', layers: ledger.layers, steps, tieMaps },
      };
    }),
  ];
}

const pageNote: DocumentBlock[] = [
  {
    kind: 'text',
    text: 'A trial gets a page of its own by `ligature report` with its folder; made again after that, this page links to it.',
    in: ['page'],
  },
];

/** The text of a trial, where there are several. */
const textOf = ({ texts }: Comparison, trial: TrialResult): string =>
  texts.find(({ comparison }) => comparison.trials.includes(trial))?.label ?? '';

/** A trial as its study calls it. */
const nameOf = (comparison: Comparison, trial: TrialResult): string =>
  comparison.texts.length === 0 ? trial.controller : `${trial.controller} on ${textOf(comparison, trial)}`;

export function warnings(comparison: Comparison): DocumentBlock[] {
  const notes = comparison.trials.flatMap((trial) =>
    trial.diagnostics.map((note) => ({
      controller: nameOf(comparison, trial),
      seed: trial.seed,
      ...note,
    })),
  );
  if (notes.length === 0) {
    return [
      { kind: 'heading', text: 'Diagnostics', in: ['page'] },
      { kind: 'text', text: 'None was raised.', in: ['page'] },
    ];
  }
  return [
    { kind: 'heading', text: 'Diagnostics', in: ['markdown', 'page'] },
    tableOf(
      notes,
      [
        shown('Controller', 'text', ({ controller }) => controller),
        shown('Seed', 'count', ({ seed }) => seed),
        shown('Code', 'text', ({ code: id }) => id),
        shown('Message', 'text', ({ message }) => message),
      ],
      { caption: 'What the diagnostics noticed: rules of thumb, not tests', in: ['markdown', 'page'] },
    ),
  ];
}

/** A task that learns from rows of numbers: no text, no tokenizer, no tokens. Studies speak of it in its own words. */
import {
  runConfigSchema,
  type DocumentBlock,
  type PlannedTrial,
  type RunConfig,
  type StudyDocument,
  type TrialResult,
} from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { memoryReport } from '../../src/audits/memory/report.js';
import { presentAudit } from '../../src/audits/present.js';
import { rewardsReport } from '../../src/audits/rewards/report.js';
import {
  landscapeSettingsSchema,
  objectiveOf,
  planLandscape,
  planRetraining,
  planSweep,
  planTrials,
  presentComparison,
  presentLandscape,
  presentRetraining,
  presentSweep,
  summarizeComparison,
  summarizeLandscape,
  summarizeRetraining,
  summarizeSweep,
  type RetrainingSettings,
  type SweepPlan,
} from '../../src/index.js';

const ROWS: Pick<TrialResult, 'task' | 'unit' | 'lossUnit' | 'metrics'> = {
  ...{ task: 'classify', unit: 'rows', lossUnit: 'nats per row' },
  metrics: [
    { name: 'accuracy', unit: '%', better: 'higher' },
    { name: 'loss', unit: 'nats', better: 'lower' },
  ],
};

const configOf = (more: object = {}): RunConfig =>
  runConfigSchema.parse({
    ...{ task: 'classify', dataset: null, tokenizer: null, model: { name: 'mlp', layers: 3, width: 8 } },
    ...more,
  });

/** Good at the one is not good at the other: whoever ranks by the loss ranks the other way round. */
function result({ label, seed, config }: PlannedTrial, accuracy: number, tieMap = [0, 0, 2]): TrialResult {
  const blocks = new Set(tieMap).size;
  const metrics = { accuracy, loss: 2 * accuracy };
  return {
    ...ROWS,
    ...{ controller: label, seed, config, steps: 3, tokens: 24, outcome: 'completed', folder: 'x' },
    ...{ validation: metrics, test: metrics, summary: {}, losses: [{ step: 1, loss: 1 }], diagnostics: [] },
    ledger: {
      ...{ layers: 3, independentLayers: blocks, totalParameters: 300, distinctStorages: {} },
      ...{ uniqueParameters: 100 * blocks, trainableParameters: 100 * blocks },
      ...{ loggedTrainableParameters: 100 * blocks, flops: { forward: 1, backward: 2, step: 3 } },
      bytes: { weights: blocks, gradients: blocks, moments: blocks, activations: 1 },
    },
    ...{ tieMap, tieMaps: [{ step: 0, window: 0, tieMap }], memory: { backendBytes: 1, residentBytes: 1 } },
    ...{ tokensPerSecond: 1, trainingSeconds: 1, data: { trainingRows: 800, testRows: 100 } },
    backend: { name: 'cpu', version: '1', detail: 'plain' },
  };
}

const chance = ({ seed, label }: PlannedTrial): number => 0.01 * Math.sin(7 * seed + label.length);

/** All that a person reads of a block, its drawing left out. */
function wordsOf(block: DocumentBlock): readonly string[] {
  switch (block.kind) {
    case 'heading':
    case 'text':
      return [block.text];
    case 'list':
      return block.items;
    case 'table': {
      const shown = block.columns.flatMap(({ heading }, at) =>
        heading === undefined ? [] : [{ heading, at }],
      );
      const cells = block.rows.flatMap((row) => shown.map(({ at }) => row[at]));
      return [
        ...[block.caption, block.note ?? ''],
        ...shown.map(({ heading }) => heading),
        ...cells.filter((cell) => typeof cell === 'string'),
      ];
    }
    case 'chart':
      return [block.title, block.alt, ...block.notes];
    default:
      return [];
  }
}

/** @returns what a person reads, after it was looked through for the words of another task */
function read({ title, lead, verdict, body }: StudyDocument): string {
  const words = [title, lead, verdict, ...body.flatMap(wordsOf)].join('\n');
  expect(words).not.toMatch(/token|\btexts?\b|perplexity|NaN|undefined|``/i);
  const drawings = body.flatMap((block) => (block.kind === 'chart' ? [block.drawing] : []));
  const drawn = JSON.stringify(drawings, (key, value: unknown) => (key === 'curves' ? undefined : value));
  expect(drawn).not.toMatch(/token|perplexity|undefined/i);
  return words;
}

describe('of a task of rows', () => {
  it('a comparison ranks by accuracy, the highest first, and counts rows', () => {
    const config = configOf({
      compare: { controllers: ['none', 'cycle', 'random'], seeds: 4, parallel: 2 },
    });
    const level: Record<string, number> = { none: 0.5, cycle: 0.9, random: 0.2 };
    const trials = planTrials(config);
    const finished = trials.map((trial) => ({
      trial,
      result: result(trial, level[trial.label]! + chance(trial)),
    }));
    const found = summarizeComparison({ config, trials, finished, failed: [] });
    expect(found).toMatchObject({ dataset: 'classify', tokenizer: '', vocabularySize: 0, task: ROWS });
    expect(found.statistics.winner).toBe('cycle');
    expect(found.verdict).toMatch(/^cycle has the highest mean validation accuracy \(9\d\.\d %\)/);
    expect(found.verdict).toContain('All saw the same 24 training rows in the same order');
    expect(found.verdict).toContain('nothing is shown about other budgets, other data, or convergence');
    const document = presentComparison(found);
    const words = read(document);
    expect(words).toContain(
      '`mlp` with 3 layers of width 8, trained for 1000 steps of 8 rows on `classify`, backend',
    );
    expect(words).toContain('training rows 800, test rows 100. Every controller got the same rows');
    expect(words).toContain('Rows/s and seconds were measured with 2 trials side by side');
    expect(words).toContain('Nats are per row.');
    expect(words).toContain('Test accuracy in accuracy, higher is better');
    for (const heading of ['Val. accuracy', 'Test accuracy', 'Test nats', 'Rows/s'])
      expect(words.split('\n')).toContain(heading);
    const loss = document.body.find((block) => block.kind === 'chart' && block.id === 'loss');
    expect(loss).toMatchObject({ drawing: { kind: 'loss', yTitle: 'nats per row', unit: 'rows' } });
  });

  it('a comparison of which no trial has finished claims no words for it', () => {
    const config = configOf({ compare: { controllers: ['none', 'cycle'], seeds: 2 } });
    const trials = planTrials(config);
    const failed = trials.map(({ label: controller, seed }) => ({
      controller,
      seed,
      message: 'out of luck',
    }));
    const found = summarizeComparison({ config, trials, finished: [], failed });
    expect(found).toMatchObject({ unfinished: 0, rows: [], task: { task: 'classify', unit: 'examples' } });
    expect(read(presentComparison(found))).toContain('No trial finished, so nothing is shown.');
  });

  it('a comparison on equal FLOPs says how many rows each saw', () => {
    const config = configOf({
      compare: { controllers: ['none', 'cycle'], seeds: 1 },
      training: { budget: { kind: 'flops', amount: 1e6 } },
    });
    const trials = planTrials(config);
    const finished = trials.map((trial) => ({ trial, result: result(trial, 0.5) }));
    const found = summarizeComparison({ config, trials, finished, failed: [] });
    expect(found.verdict).toContain('and saw 24 to 24 training rows in the same order');
    expect(read(presentComparison(found))).toContain('Training rows');
  });

  it('a sweep that names no objective maximizes the accuracy on the validation split', () => {
    const config = configOf();
    const plan: SweepPlan = {
      ...{ search: 'grid', samples: 1, seeds: [1, 2], axes: ['model.options.width'] },
      objective: objectiveOf(null, null, config, ROWS.metrics),
      fields: [
        {
          ...{ path: 'model.options.width', name: 'width', text: '8, 16, 32' },
          dimension: { kind: 'list', values: [8, 16, 32] },
        },
      ],
      configurations: [8, 16, 32].map((width, index) => ({
        ...{ id: index + 1, label: `width=${width}`, values: [width] },
        config: configOf({ model: { name: 'mlp', layers: 3, width } }),
      })),
    };
    const trials = planSweep(plan, config);
    const level: Record<string, number> = { 'width=8': 0.4, 'width=16': 0.8, 'width=32': 0.1 };
    const finished = trials.map((trial) => ({
      trial,
      result: result(trial, level[trial.label]! + chance(trial)),
    }));
    const found = summarizeSweep(plan, { config, trials, finished, failed: [] });
    expect(found.objective).toEqual({ metric: 'validation.accuracy', goal: 'maximize' });
    expect(found.rows.map(({ id }) => id)).toEqual([2, 1, 3]);
    expect(found.choice).toMatchObject({ id: 2, second: 1 });
    expect(found.note).toMatch(
      /^The highest mean validation\.accuracy over seeds is that of #2 \(width=16\): (79|80)\.\d %/,
    );
    const words = read(presentSweep(found));
    expect(words).toContain('of `mlp` on `classify`, backend');
    expect(words).toContain('on these data; with longer training');
    for (const heading of ['Val. accuracy', 'Test accuracy', 'Rows/s'])
      expect(words.split('\n')).toContain(heading);
    // By its loss the very same trials rank the other way round.
    const byLoss = summarizeSweep(
      { ...plan, objective: objectiveOf('validation.loss', null, config, ROWS.metrics) },
      { config, trials, finished, failed: [] },
    );
    expect(byLoss.objective.goal).toBe('minimize');
    expect(byLoss.rows.map(({ id }) => id)).toEqual([3, 1, 2]);
  });

  it('a landscape has the most accurate map first', () => {
    const config = configOf({ compare: { seeds: 3 } });
    const plan = planLandscape(
      config,
      landscapeSettingsSchema.parse({ controllers: [{ name: 'random', options: {} }] }),
    );
    const level: Record<string, number> = {
      '0-0-0': 0.1,
      '0-0-2': 0.5,
      '0-1-0': 0.4,
      '0-1-1': 0.6,
      '0-1-2': 0.9,
    };
    const finished = plan.trials.map((trial) => {
      const map = plan.maps.get(trial.label) ?? [0, 1, 1];
      return { trial, result: result(trial, (level[trial.label] ?? 0.58) + chance(trial), [...map]) };
    });
    const found = summarizeLandscape(plan, { config, finished, failed: [] });
    expect(found.maps.map(({ label }) => label)).toEqual(['0-1-2', '0-1-1', '0-0-2', '0-1-0', '0-0-0']);
    expect(found.front).toEqual(['0-0-0', '0-1-1', '0-1-2']);
    const words = read(presentLandscape(found));
    expect(words).toContain('The tie maps of 3 layers on classify');
    expect(words).toContain('0-1-2 has the highest mean validation accuracy');
    expect(words).toContain('on `classify`, backend `cpu (plain)`');
    expect(words).toContain('every map got the same rows in the same order');
    expect(words).toContain('All of this is at this budget, on these data, over 3 seeds');
  });

  it('a retraining says whether accuracy rose', () => {
    const config = configOf({ compare: { seeds: 3 } });
    const settings: RetrainingSettings = {
      run: {
        ...{ folder: 'r', controller: 'q', seed: 1, steps: 4, budget: 4 },
        ...{ tieMap: [0, 0, 2], blocks: 2, loss: 0.8 },
      },
      ...{ randomMaps: [[0, 1, 0]], long: true },
    };
    const trials = planRetraining(config, settings);
    const level: Record<string, number> = {
      found: 0.8,
      'random 0-1-0': 0.3,
      continued: 0.9,
      'found-long': 0.7,
    };
    const finished = trials.map(({ planned: trial }) => ({
      trial,
      result: result(trial, level[trial.label]! + chance(trial)),
    }));
    const words = read(
      presentRetraining(summarizeRetraining(settings, trials, { config, finished, failed: [] })),
    );
    expect(words).toContain('The found map itself matters: from scratch it ends above the mean');
    expect(words).toContain('at this budget and on these data');
    expect(words).toContain('on `classify`, backend');
  });

  it('audits count rows, in nats per row', () => {
    const config = configOf();
    const trial = { id: 'a', label: 'a', seed: 1, config };
    const runs = [[0, 1, 2], [0, 0, 0]].map((map) => ({ ...result(trial, 0.5, map), blocks: new Set(map).size })); // prettier-ignore
    const memory = read(presentAudit(memoryReport(runs, config, [], ROWS.unit), 'x'));
    expect(memory.split('\n')).toContain('Rows/s');
    expect(memory).toContain('more rows per step mean more activations');
    const windows = [1, 2].map((step) => ({ step, reward: -10, raw: -11, saturated: true, loss: 3 }));
    const { finding, method, tables } = rewardsReport([{ reward: 'a', seed: 1, windows }], config, [], {
      floors: [],
      ...ROWS,
    });
    expect(finding).toContain('at 3.00 nats per row, so the learner was told nothing');
    expect(method).toContain('trained on classify for');
    expect(tables[0]?.columns.map(({ heading }) => heading).join()).not.toContain('Perplexity');
    expect(tables[0]?.rows[0]).toHaveLength(tables[0]?.columns.length as number);
  });
});

/** A made-up task whose one metric is better when it is higher: everything that ranks has to turn round. */
import {
  runConfigSchema,
  type MetricSpec,
  type PlannedTrial,
  type RunConfig,
  type TrialResult,
} from '@ligature/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  landscapeSettingsSchema,
  objectiveOf,
  paretoFront,
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
  type Comparison,
  type Landscape,
  type Retraining,
  type RetrainingSettings,
  type Sweep,
  type SweepPlan,
} from '../../src/index.js';

/** The made-up metric, in either direction: values of the other one are the same with another sign. */
const spec = (better: MetricSpec['better']): MetricSpec => ({ name: 'fit', unit: '', better, label: 'R²' });

function made(trial: PlannedTrial, value: number, better: MetricSpec['better'], blocks = 2): TrialResult {
  return {
    ...{ controller: trial.label, seed: trial.seed, steps: 3, tokens: 30, config: trial.config },
    ...{ task: 'regression', unit: 'examples', lossUnit: 'squared error', metrics: [spec(better)] },
    ...{ validation: { fit: value }, test: { fit: value }, summary: {}, losses: [], diagnostics: [] },
    ledger: {
      layers: 3,
      independentLayers: blocks,
      uniqueParameters: 100 * blocks,
      trainableParameters: 100 * blocks,
      totalParameters: 300,
      bytes: { weights: 0, gradients: 0, moments: 0, activations: 0 },
    },
    ...{ tieMap: [0, 0, 0], tieMaps: [], memory: { backendBytes: 1, residentBytes: 1 } },
    ...{ tokensPerSecond: 1, trainingSeconds: 1, outcome: 'completed', folder: '' },
    data: { vocabularySize: 1, trainingTokens: 100, validationTokens: 1, testTokens: 1, splits: 'derived' },
    backend: { name: 'cpu', version: '1', detail: '' },
  } as unknown as TrialResult;
}

type Value = (trial: PlannedTrial) => number;

function compared(
  value: Value,
  better: MetricSpec['better'],
  blocks: (trial: PlannedTrial) => number = () => 2,
): Comparison {
  const config = runConfigSchema.parse({ compare: { controllers: ['none', 'cycle', 'random'], seeds: 4 } });
  const trials = planTrials(config);
  const finished = trials.map((trial) => ({
    trial,
    result: made(trial, value(trial), better, blocks(trial)),
  }));
  return summarizeComparison({ config, trials, finished, failed: [] });
}

/** `cycle` has the highest values on every seed, `random` the lowest; chance moves each a little. */
const clear: Value = ({ label, seed }) =>
  ({ none: 0.5, cycle: 0.9, random: 0.2 })[label]! + 0.01 * Math.sin(7 * seed + label.length);

describe('a comparison', () => {
  it('has the highest as winner, and says so in its own words', () => {
    const found = compared(clear, 'higher');
    expect(found.statistics.winner).toBe('cycle');
    const findings = found.statistics.againstControl.map(({ controller, finding }) => [controller, finding]);
    expect(findings).toEqual([
      ['cycle', 'higher'],
      ['random', 'lower'],
    ]);
    expect(found.verdict).toContain('cycle has the highest mean validation R² (0.9');
    expect(found.verdict).toContain('cycle is shown to have a higher R² than every other controller');
    expect(found.verdict).toContain('training examples');
    expect(found.verdict).not.toMatch(/loss|nats|token|lowest|a lower/);
    const { body } = presentComparison(found);
    const text = JSON.stringify(body);
    expect(text).toContain('higher is better');
    expect(text).toContain('right of zero is better');
    expect(text).toContain('Higher and further left is better');
    expect(text).toContain('"yTitle":"squared error"');
    expect(text).not.toMatch(/nats|perplexity/);
  });

  it('would name another with the other direction', () => {
    expect(compared(clear, 'lower').statistics.winner).toBe('random');
  });

  it('says the same of values with another sign under the other direction', () => {
    const values = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(values, (all) => {
        const of =
          (sign: number): Value =>
          ({ label, seed }) =>
            sign * (all[3 * (seed - 1) + ['none', 'cycle', 'random'].indexOf(label)] as number);
        const [higher, lower] = [compared(of(1), 'higher'), compared(of(-1), 'lower')];
        expect(higher.statistics.winner).toBe(lower.statistics.winner);
        expect(higher.verdict.split(' ')[0]).toBe(lower.verdict.split(' ')[0]);
      }),
      { numRuns: 50 },
    );
  });

  it('has the highest on the front of its picture', () => {
    // Few parameters and the highest value: nothing else is on the front.
    const found = compared(clear, 'higher', ({ label }) => (label === 'cycle' ? 1 : 3));
    const chart = presentComparison(found).body.find(
      (block) => block.kind === 'chart' && block.id === 'pareto',
    );
    expect(chart?.kind === 'chart' && chart.alt).toBe(
      'No other mean has both fewer parameters and a higher validation R² than: cycle.',
    );
  });
});

it('the Pareto front of what is to be high is that of its negative, which is to be low', () => {
  const point = fc.record({ cost: fc.integer({ min: 0, max: 6 }), value: fc.integer({ min: 0, max: 6 }) });
  fc.assert(
    fc.property(fc.array(point), (points) => {
      const negative = points.map(({ cost, value }) => ({ cost, value: -value }));
      expect(paretoFront(points, 'higher')).toEqual(paretoFront(negative, 'lower'));
    }),
  );
  expect(paretoFront([{ cost: 1, value: 1 }, { cost: 1, value: 2 }], 'higher')).toEqual([false, true]); // prettier-ignore
});

function swept(better: MetricSpec['better']): Sweep {
  const config: RunConfig = runConfigSchema.parse({ model: { layers: 2 } });
  const plan: SweepPlan = {
    ...{ search: 'grid', samples: 1, seeds: [1, 2], axes: ['tying.window'] },
    objective: objectiveOf(null, null, config, [spec(better)]),
    fields: [
      {
        path: 'tying.window',
        name: 'window',
        dimension: { kind: 'list', values: [1, 2, 3] },
        text: '1, 2, 3',
      },
    ],
    configurations: [1, 2, 3].map((window) => ({
      ...{ id: window, label: `window=${window}`, values: [window] },
      config: { ...config, tying: { ...config.tying, window } },
    })),
  };
  const trials = planSweep(plan, config);
  const finished = trials.map((trial) => ({
    trial,
    // The middle one is the highest, the last one the lowest.
    result: made(trial, [0, 0.5, 0.8, 0.1][trial.config.tying.window]! + trial.seed / 100, better),
  }));
  return summarizeSweep(plan, { config, trials, finished, failed: [] });
}

describe('a sweep', () => {
  it('ranks by the task’s metric on the validation split, in its direction', () => {
    const found = swept('higher');
    expect(found.objective).toEqual({ metric: 'validation.fit', goal: 'maximize' });
    expect(found.rows.map(({ id }) => id)).toEqual([2, 1, 3]);
    expect(found.choice).toMatchObject({ id: 2, second: 1 });
    expect(found.note).toContain('The highest mean validation.fit over seeds is that of #2');
    expect(found.note).toContain('its R² there is 0.815');
    // Brighter is better, so the scale of colours is not turned round.
    expect(JSON.stringify(presentSweep(found))).not.toMatch(/"reverse":true|nats/);
    expect(swept('lower').choice).toMatchObject({ id: 3 });
  });
});

function landscape(better: MetricSpec['better']): Landscape {
  const config = runConfigSchema.parse({ model: { layers: 3 }, compare: { seeds: 4 } });
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
    const tieMap = plan.maps.get(trial.label) ?? [0, 1, 1];
    // The controller ends at the best map with two blocks, a little below it.
    const value =
      (level[trial.label] ?? 0.58) + trial.seed + 0.001 * Math.sin(5 * trial.seed + trial.label.length);
    return { trial, result: { ...made(trial, value, better, new Set(tieMap).size), tieMap } };
  });
  return summarizeLandscape(plan, { config, finished, failed: [] });
}

describe('a landscape', () => {
  it('has the highest map first, and its front and its regret the right way round', () => {
    const found = landscape('higher');
    expect(found.maps.map(({ label }) => label)).toEqual(['0-1-2', '0-1-1', '0-0-2', '0-1-0', '0-0-0']);
    expect(found.best).toMatchObject({ label: '0-1-2', shownBest: true });
    expect(found.front).toEqual(['0-0-0', '0-1-1', '0-1-2']);
    expect(found.verdict).toContain('0-1-2 has the highest mean validation R²');
    expect(found.controllers[0]?.againstBest?.mean).toBeCloseTo(-0.32, 2);
    // It chose the best of those with two blocks: higher than the mean of all three is better than chance.
    expect(found.controllers[0]?.chance?.finding).toBe('higher');
    expect(found.verdict).toContain('shown to be better than random ones');
    expect(JSON.stringify(presentLandscape(found).body)).toContain('Minus the first');
    const turned = landscape('lower');
    expect(turned.best?.label).toBe('0-0-0');
    expect(turned.front).toEqual(['0-0-0']);
    expect(turned.verdict).toContain('shown to be worse than random ones');
  });
});

function retrained(better: MetricSpec['better']): Retraining {
  const config = runConfigSchema.parse({ model: { layers: 3 }, compare: { seeds: 4 } });
  const settings: RetrainingSettings = {
    run: {
      ...{ folder: 'r', controller: 'q', seed: 1, steps: 4, budget: 4 },
      ...{ tieMap: [0, 0, 2], blocks: 2, loss: 5 },
    },
    randomMaps: [[0, 1, 0]],
    long: true,
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
    result: made(
      trial,
      level[trial.label]! + trial.seed + 0.001 * Math.sin(trial.seed + trial.label.length),
      better,
    ),
  }));
  return summarizeRetraining(settings, trials, { config, finished, failed: [] });
}

describe('a retraining', () => {
  it('says that the map matters where it ends above random ones', () => {
    const found = retrained('higher');
    expect(found.verdict).toContain('The found map itself matters: from scratch it ends above the mean');
    expect(found.verdict).toContain("Going on from the run's model ends +0.200 from");
    expect(JSON.stringify(presentRetraining(found).body)).toContain('higher is better');
    expect(retrained('lower').verdict).toContain('worse than chance: from scratch it ends above');
  });
});

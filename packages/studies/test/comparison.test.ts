import { runConfigSchema, type Ledger, type RunConfig } from '@ligature/core';
import { controllerLabel, LANGUAGE_MODEL, type TrialResult } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import { planTrials, reductionOf, seedsOf, summarizeComparison, type Comparison } from '../src/index.js';
import { comparisonRows } from '../src/comparison/rows.js';
import { spreadOf } from '../src/statistics/spread.js';

const config = runConfigSchema.parse({});

function ledger(uniqueParameters: number): Ledger {
  return {
    layers: 8,
    independentLayers: 1,
    distinctStorages: { attention: 1 },
    uniqueParameters,
    trainableParameters: uniqueParameters,
    loggedTrainableParameters: uniqueParameters,
    totalParameters: 1000,
    bytes: { weights: 0, gradients: 0, moments: 0, activations: 0 },
    flops: { forward: 0, backward: 0, step: 0 },
  };
}

function trial(controller: string, seed: number, nats: number, uniqueParameters: number): TrialResult {
  const metrics = { nats, perplexity: Math.exp(nats), bitsPerByte: nats / 2, accuracy: 0.25 };
  return {
    controller,
    seed,
    ...LANGUAGE_MODEL,
    steps: 10,
    tokens: 500,
    validation: metrics,
    test: metrics,
    ledger: ledger(uniqueParameters),
    tieMap: [0],
    tieMaps: [],
    losses: [],
    diagnostics: [],
    memory: { backendBytes: 1, residentBytes: 2 },
    tokensPerSecond: 100,
    trainingSeconds: 5,
    data: {
      vocabularySize: 10,
      trainingTokens: 1000,
      validationTokens: 10,
      testTokens: 10,
      splits: 'derived',
    },
    summary: {},
    backend: { name: 'cpu', version: '4', detail: '' },
    outcome: 'completed',
    folder: 'x',
    config,
  };
}

describe('plan', () => {
  it('pairs every controller with every seed, seed by seed', () => {
    const plans = planTrials(
      runConfigSchema.parse({ seed: 5, compare: { controllers: ['none', 'cycle'], seeds: 2 } }),
    );
    expect(plans.map(({ label, seed, id }) => [label, seed, id])).toEqual([
      ['none', 5, 'none-seed-5'],
      ['cycle', 5, 'cycle-seed-5'],
      ['none', 6, 'none-seed-6'],
      ['cycle', 6, 'cycle-seed-6'],
    ]);
    expect(plans[3]?.config).toMatchObject({ seed: 6, controller: { name: 'cycle' } });
  });

  it('takes a list of seeds as it is', () => {
    expect(seedsOf(runConfigSchema.parse({ compare: { seeds: [3, 1] } }))).toEqual([3, 1]);
  });

  it('tells controllers apart by their options, and refuses real doubles', () => {
    const cycle = (blocks: number) => ({ name: 'cycle', options: { blocks } });
    const two = runConfigSchema.parse({ compare: { controllers: [cycle(2), cycle(4)] } });
    expect(planTrials(two).map(({ label }) => label)).toEqual(['cycle:blocks=2', 'cycle:blocks=4']);
    expect(planTrials(two)[0]?.id).toBe('cycle-blocks=2-seed-1');
    const double = runConfigSchema.parse({ compare: { controllers: ['none', 'none'] } });
    expect(() => planTrials(double)).toThrow(/"none" is listed twice/);
    const seeds = runConfigSchema.parse({ compare: { seeds: [1, 2, 1] } });
    expect(() => planTrials(seeds)).toThrow(/1 is listed twice/);
  });

  it.each([
    ['none', {}, 'none'],
    ['map', { map: [0, 0, 2] }, '0-0-2'],
    ['map', { map: '0-0-2' }, '0-0-2'],
    ['random', { mode: 'fixed', blocks: 3 }, 'random:mode=fixed:blocks=3'],
    ['list', { ids: ['a', 'b'] }, 'list:ids=["a","b"]'],
    // YAML would read these two as other things than texts.
    ['x', { a: 'true', b: '1' }, 'x:a="true":b="1"'],
  ])('labels are what one writes on the command line: %s %j', (name, options, label) => {
    expect(controllerLabel({ name, options })).toBe(label);
  });
});

describe('summary', () => {
  it('uses the sample standard deviation, and none for one seed', () => {
    // 2, 4, 9: mean 5, deviations -3, -1, 4, sum of squares 26, variance 13.
    expect(spreadOf([2, 4, 9])).toEqual({ mean: 5, standardDeviation: Math.sqrt(13), values: [2, 4, 9] });
    expect(spreadOf([2]).standardDeviation).toBeNull();
  });

  it('keeps the order of controllers and leaves out those without a result', () => {
    const trials = [trial('b', 1, 3, 400), trial('a', 1, 2, 1000), trial('b', 2, 5, 600)];
    const rows = comparisonRows(['a', 'missing', 'b'], trials, LANGUAGE_MODEL.metrics);
    expect(rows.map(({ controller }) => controller)).toEqual(['a', 'b']);
    expect(rows[1]).toMatchObject({
      seeds: [1, 2],
      test: { nats: { mean: 4 } },
      reduction: { mean: 0.5 },
      uniqueParameters: { mean: 500 },
    });
    expect(reductionOf(trials[0] as TrialResult)).toBe(0.6);
  });
});

/** Of a comparison of these controllers with these trials. */
const verdict = (labels: string[], trials: TrialResult[]): string => {
  const seeds = Math.max(1, ...trials.map(({ seed }) => seed));
  return compared(runConfigSchema.parse({ compare: { controllers: labels, seeds } }), trials).verdict;
};

function compared(plan: RunConfig, results: readonly TrialResult[]): Comparison {
  const trials = planTrials(plan);
  const finished = results.map((result) => ({
    trial: trials.find(({ label, seed }) => label === result.controller && seed === result.seed)!,
    result,
  }));
  return summarizeComparison({ config: plan, trials, finished, failed: [] });
}

describe('verdict', () => {
  it('says what one seed shows and what it does not', () => {
    const trials = [
      trial('none', 1, 4, 1000),
      trial('all-tied', 1, 4.5, 300),
      trial('random', 1, 4.2, 500),
      trial('q-learning', 1, 4.25, 500),
    ];
    const labels = ['none', 'all-tied', 'random', 'q-learning'];
    const text = verdict(labels, trials);
    expect(text).toContain('none has the lowest validation loss (4.000 nats), and a test loss of 4.000 nats');
    expect(text).toContain(
      'all-tied stores the fewest parameters (70 % fewer than the untied stack) at a test loss of 4.500 nats',
    );
    expect(text).toContain(
      'q-learning ends 0.050 nats above random actions on average (lower on 0 of 1 seed)',
    );
    expect(text).toContain('500 training tokens (0.50 passes');
    expect(text).toContain('do not show which controller is better');
  });

  it('pairs seeds when there are several', () => {
    const trials = [
      trial('random', 1, 4, 500),
      trial('q-learning', 1, 3, 500),
      trial('random', 2, 4, 500),
      trial('q-learning', 2, 4.5, 500),
      trial('random', 3, 4, 500),
      trial('q-learning', 3, 4.25, 500),
    ];
    const text = verdict(['random', 'q-learning'], trials);
    // scipy 1.17.1: ttest_1samp([-1, 0.5, 0.25], 0), p = 0.87401, interval -2.07968 to 1.91301; standard deviation
    // 0.80364 times 3.264044, the effect of power 0.8 at three pairs (statsmodels 0.15.0, TTestPower().solve_power).
    const power = '80 % power from 2.623 nats on';
    expect(text).toContain(
      `q-learning ends 0.083 nats below random actions on average (lower on 1 of 3 seeds; no difference is shown, uncorrected p = 0.874, ${power})`,
    );
    expect(text).toContain(
      `no difference is shown for q-learning (-0.083, -2.080 to +1.913, p = 0.874; ${power})`,
    );
    expect(text).toContain('none is called the winner');
  });

  it('tests nothing with two seeds', () => {
    const trials = [1, 2].flatMap((seed) => [
      trial('random', seed, 4 + seed, 500),
      trial('q-learning', seed, 3.9 + seed + 1e-9 * seed, 500),
    ]);
    const text = verdict(['random', 'q-learning'], trials);
    expect(text).toContain(
      'q-learning ends 0.100 nats below random actions on average (lower on 2 of 2 seeds).',
    );
    expect(text).toContain('Not tested, for want of 3 seeds with a finite loss on both sides: q-learning');
  });

  it('knows controllers by their whole names', () => {
    const trials = ['q-learning-official', 'random-merging', 'none'].map((name) => trial(name, 1, 4, 500));
    expect(verdict(['q-learning-official', 'random-merging', 'none'], trials)).not.toContain(
      'random actions',
    );
  });

  it('does not call equal what the printed digits do not tell apart', () => {
    const trials = [trial('random', 1, 4, 500), trial('q-learning', 1, 4.0001, 500)];
    expect(verdict(['random', 'q-learning'], trials)).toContain(
      'q-learning ends where random actions end, to the digits shown, on average (lower on 0 of 1 seed)',
    );
  });

  it('says which budget was equal, and how many tokens that was', () => {
    const spent = (kind: 'tokens' | 'flops' | 'seconds', amount: number): string => {
      const { training } = runConfigSchema.parse({ training: { budget: { kind, amount } } });
      const trials = [500, 700].map((tokens, at) => ({
        ...trial(at === 0 ? 'none' : 'random', 1, 4, 500),
        ...{ tokens, config: { ...config, training } },
      }));
      return verdict(['none', 'random'], trials);
    };
    expect(spent('tokens', 500)).toContain(
      'All saw the same 500 training tokens (0.50 passes over the text)',
    );
    expect(spent('flops', 2e12)).toContain(
      'All were given the same 2.00e+12 FLOPs of training and measuring, by the ledger, and saw 500 to 700 training tokens (0.50 to 0.70 passes',
    );
    expect(spent('seconds', 60)).toContain('the same 60 seconds of training, which no two runs spend alike');
  });

  it('says nothing about nothing, and ranks nothing by a loss that was not measured', () => {
    expect(verdict(['none'], [])).toBe('No trial finished, so nothing is shown.');
    const trials = [1, 2].map((seed) => ({ ...trial('none', seed, 4, 1000), test: {} }));
    expect(verdict(['none'], trials)).toMatch(/^No test loss was measured/);
  });
});

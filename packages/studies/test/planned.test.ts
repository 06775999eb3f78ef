/** Comparisons that were planned in writing, and comparisons over several texts: made-up trials whose truth is known. */
import { createRandomStream, runConfigSchema, type FinishedTrial, type RunConfig } from '@ligature/core';
import { LANGUAGE_MODEL, type TrialResult } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import { planDigest, planTrials, presentComparison, summarizeComparison, textsOf } from '../src/index.js';
import { findings } from '../src/statistics/findings.js';
import { settledPlan } from '../src/planned/settle.js';
import { pooledTrials } from '../src/comparison/pooled.js';

const primary = { of: 'arm', against: 'none', margin: 0.01 };
const configOf = (compare: object, more: object = {}): RunConfig =>
  runConfigSchema.parse({ compare: { controllers: ['none', 'arm', 'other'], ...compare }, ...more });
const TWO = { datasets: ['one', 'two'] };

type Loss = (controller: string, text: string, seed: number) => number | undefined;

const trialOf = (controller: string, seed: number, nats: number): TrialResult =>
  ({
    ...{ controller, seed, ...LANGUAGE_MODEL, steps: 10, tokens: 500, folder: 'x', outcome: 'completed' },
    ...{ validation: { nats: nats - 0.1 }, test: { nats, bitsPerByte: 2 * nats }, summary: {} },
    ...{ losses: [{ step: 1, loss: 5 }], diagnostics: [], tokensPerSecond: 1, trainingSeconds: 1 },
    ledger: {
      ...{ layers: 4, independentLayers: 4, totalParameters: 100 },
      ...{ uniqueParameters: 100, trainableParameters: 100 },
      bytes: { weights: 1, gradients: 1, moments: 1, activations: 1 },
    },
    ...{ tieMap: [0], tieMaps: [], memory: { backendBytes: 1, residentBytes: 1 } },
    data: { trainingTokens: 1000 },
    backend: { name: 'cpu', version: '1', detail: '' },
  }) as unknown as TrialResult;

function compared(config: RunConfig, loss: Loss, changed?: boolean) {
  const trials = planTrials(config);
  const finished = trials.flatMap((trial): FinishedTrial[] => {
    const { controller, dataset } = trial.config;
    const nats = loss(controller.name, dataset?.name ?? '', trial.seed);
    if (nats === undefined) return [];
    const result = { ...trialOf(trial.label, trial.seed, nats), config: trial.config };
    return [{ trial, result }];
  });
  const plan = changed === undefined ? undefined : { plan: { digest: 'ab'.repeat(32), changed } };
  return summarizeComparison({ config, trials, finished, failed: [], ...plan });
}

describe('several texts', () => {
  it('are each trained with every controller and seed, under ids of their own', () => {
    const trials = planTrials(configOf({ ...TWO, controllers: ['none', 'arm'], seeds: 2 }));
    expect(trials.map(({ id }) => id)).toEqual([
      ...['none-on-one-seed-1', 'arm-on-one-seed-1', 'none-on-two-seed-1', 'arm-on-two-seed-1'],
      ...['none-on-one-seed-2', 'arm-on-one-seed-2', 'none-on-two-seed-2', 'arm-on-two-seed-2'],
    ]);
    expect(trials[2]).toMatchObject({ label: 'none on two', config: { dataset: { name: 'two' } } });
  });

  it('leave the ids of one text as they are', () => {
    const ids = (compare: object) => planTrials(configOf({ seeds: 1, ...compare })).map(({ id }) => id);
    expect(ids({})).toEqual(['none-seed-1', 'arm-seed-1', 'other-seed-1']);
    expect(ids({ datasets: ['one'] })).toEqual(ids({}));
  });

  it('are called by the names of their files, by their paths where two have one name, and never twice', () => {
    const labels = (datasets: string[]) =>
      textsOf(configOf({ datasets: datasets.map((name) => ({ name, options: {} })) })).map(
        ({ label }) => label,
      );
    expect(labels(['./data/wikitext-2.txt', 'moby-dick'])).toEqual(['wikitext-2', 'moby-dick']);
    expect(labels(['./a/text.txt', './b/text.txt'])).toEqual(['./a/text.txt', './b/text.txt']);
    expect(() => labels(['one', 'one'])).toThrow(/"one" is listed twice/);
  });

  it('are pooled as means over the texts, seed by seed, and shown one by one', () => {
    const found = compared(configOf({ ...TWO, seeds: 4 }), (controller, text, seed) => {
      const level = text === 'one' ? 4 : 6;
      // 0.1 better on one text, 0.3 on the other: 0.2 on both.
      const effect = controller === 'arm' ? (text === 'one' ? -0.1 : -0.3) : 0;
      return level + effect + 0.001 * seed * (controller === 'arm' ? 1 : 2);
    });
    const arm = found.statistics.againstControl.find(({ controller }) => controller === 'arm');
    expect(arm?.differences.map((one) => one.toFixed(4))).toEqual([
      '-0.2010',
      '-0.2020',
      '-0.2030',
      '-0.2040',
    ]);
    expect(found.statistics.means[0]).toMatchObject({ n: 4, planned: 4 });
    expect(found.texts.map(({ label, comparison }) => [label, comparison.statistics.winner])).toEqual([
      ['one', 'arm'],
      ['two', 'arm'],
    ]);
    const { body } = presentComparison(found);
    const files = body.flatMap((block) => ('file' in block && block.file !== undefined ? [block.file] : []));
    expect(files).toContain('table-one.csv');
    expect(files).toContain('statistics-two.csv');
    expect(files).toContain('statistics.csv');
    expect(new Set(files).size).toBe(files.length);
    const ids = body.flatMap((block) => (block.kind === 'chart' ? [block.id] : []));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('count a seed that one of them lacks as missing', () => {
    const found = compared(configOf({ ...TWO, seeds: 4 }), (controller, text, seed) =>
      controller === 'arm' && text === 'two' && seed === 3
        ? undefined
        : controller === 'arm'
          ? 4 + seed / 1000
          : 5,
    );
    const arm = found.statistics.againstControl.find(({ controller }) => controller === 'arm');
    expect(arm).toMatchObject({
      seeds: [1, 2, 4],
      planned: 4,
      missing: { controller: 1 },
      finding: 'incomplete',
    });
    expect(found.statistics.winner).toBeNull();
    expect(pooledTrials([[], []])).toEqual([]);
  });

  it('with one seed are no two seeds: a chance that they share is not called a difference too often', () => {
    const seeds = [1, 2, 3, 4, 5, 6];
    const runs = Array.from({ length: 400 }, (_, run) => run);
    const wrong = runs.filter((run) => {
      const chance = createRandomStream(run, 'texts');
      const shared = seeds.map(() => chance.normal(0, 0.02));
      const texts = [1, 2].map(() =>
        seeds.map((seed, at) => trialOf('arm', seed, 5 + (shared[at] as number) + chance.normal(0, 0.002))),
      );
      const differences = pooledTrials(texts).map(({ test }) => (test['nats'] as number) - 5);
      return findings([{ differences }])[0]?.finding !== 'no-difference';
    });
    // 5 % of 400 is 20, standard deviation 4.4; taken as twelve pairs it would be 20 %, 79: P(|t5| > 2.201 / 1.483).
    expect(wrong.length).toBeLessThanOrEqual(33);
  });
});

describe('a plan', () => {
  const planned = (compare: object = {}, plan: object = {}): RunConfig =>
    configOf({ seeds: 8, ...compare }, { plan: { question: 'Is arm better?', primary, ...plan } });
  const noise = (run: number, effect: number): Loss => {
    const chance = createRandomStream(run, 'plan');
    return (controller) => 5 + (controller === 'arm' ? effect : 0) + chance.normal(0, 0.004);
  };

  it.each([
    [
      -0.1,
      /^Planned: arm against none \(loss\) is shown to be better \(−0\.\d+ nats \[.*p < 0\.001, 8 seeds\)\./,
    ],
    [0.1, /^Planned: arm against none \(loss\) is shown to be worse/],
    [0, /^Planned: arm against none \(loss\) is shown to be equivalent within 0\.010 nats/],
  ])('with a true effect of %d says so in its first sentence', (effect, sentence) => {
    const { verdict } = compared(planned(), noise(5, effect));
    expect(verdict).toMatch(sentence);
    expect(verdict).toContain('What follows is exploratory.');
  });

  it('that shows nothing says with which power it would have', () => {
    const chance = createRandomStream(2, 'wide');
    const { verdict, plan } = compared(planned(), () => 5 + chance.normal(0, 0.05));
    expect(plan?.primary.finding).toBe('no-difference');
    expect(verdict).toMatch(
      /^Planned: .* is not shown to differ .*; a difference of the margin would have been shown with \d+ % power, 80 % power from 0\.\d+ nats on, 0\.010 nats takes \d+ seeds\./,
    );
    expect(plan?.primary.marginPower).toBeLessThan(0.2);
  });

  it('decides nothing while trials of the better side are missing', () => {
    const { verdict } = compared(planned(), (controller, text, seed) =>
      controller === 'arm' && seed > 5 ? undefined : noise(seed, -0.1)(controller, text, seed),
    );
    expect(verdict).toMatch(/is not decided, since trials are missing: 5 of 8 seeds are whole/);
  });

  it('tests the primary contrast alone, and the secondary ones as a family of their own', () => {
    const secondary = [
      { of: 'other', against: 'none' },
      { of: 'other', against: 'arm', metric: 'bitsPerByte' },
    ];
    const { plan } = compared(planned({}, { secondary }), noise(1, 0));
    expect(plan?.primary.correctedP).toBe(plan?.primary.test?.p);
    expect(plan?.secondary[0]?.sensitivity?.level).toBeCloseTo(0.025, 12);
    expect(plan?.secondary[1]).toMatchObject({
      metric: { name: 'bitsPerByte' },
      margin: null,
      equivalence: null,
    });
  });

  it('may be about one text, or about all of them', () => {
    const loss: Loss = (controller, text, seed) =>
      5 + 0.0001 * seed + (controller === 'arm' && text === 'one' ? -0.1 - 0.0001 * seed : 0);
    const secondary = [{ ...primary, dataset: 'two' }];
    const { plan, verdict } = compared(planned(TWO, { secondary }), loss);
    expect(plan?.primary.interval?.mean).toBeCloseTo(-0.05, 3);
    expect(plan?.secondary[0]?.finding).toBe('identical');
    expect(verdict).toContain('Planned: arm against none (loss) is shown to be better');
  });

  it('stands at the top of the page with its digest, and says when it was changed', () => {
    const kept = compared(planned(), noise(1, 0), false);
    const { body } = presentComparison(kept);
    expect(body[0]).toEqual({ kind: 'heading', text: 'What was planned' });
    const text = JSON.stringify(body.slice(0, 3));
    expect(text).toContain('Question: Is arm better?');
    expect(text).toContain('kept before the first trial, as `abababababab`, and is the same');
    const changed = compared(planned(), noise(1, 0), true);
    expect(changed.verdict).toContain(
      'The plan was changed after the study began, with 24 trials finished by now',
    );
  });

  it('is no part of what a trial depends on, and its digest of nothing but the question', () => {
    expect(planTrials(planned())[0]?.config).not.toHaveProperty('plan');
    const digest = (config: RunConfig) => planDigest('comparison', config, {});
    const one = planned();
    expect(digest({ ...one, out: 'elsewhere', threads: 4, compare: { ...one.compare, parallel: 2 } })).toBe(
      digest(one),
    );
    expect(digest(planned({ seeds: 9 }))).not.toBe(digest(one));
    expect(digest(planned({}, { question: 'Is it not?' }))).not.toBe(digest(one));
    // Fields in another order are the same plan.
    expect(digest(Object.fromEntries(Object.entries(one).reverse()) as RunConfig)).toBe(digest(one));
  });

  it.each([
    [{ primary: { of: 'arms', against: 'none' } }, /arms.*known: none, arm, other|Did you mean "arm"/],
    [{ primary: { of: 'arm', against: 'arm' } }, /arm is set against itself/],
    [{ primary: { ...primary, metric: 'nat' } }, /Did you mean "nats"/],
    [{ primary: { ...primary, dataset: 'one' } }, /there is one alone/],
    [{ secondary: [{ of: 'arm', against: 'nobody' }] }, /plan\.secondary\[0\]/],
  ])('that names what is not there is refused: %j', (plan, message) => {
    const contrasts = {
      ...{ names: ['none', 'arm', 'other'], are: 'controllers', read: (name: string) => name },
      ...{ metrics: LANGUAGE_MODEL.metrics, texts: [] },
    };
    expect(() => settledPlan(planned({}, plan), contrasts)).toThrow(message);
  });
});

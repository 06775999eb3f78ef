/** What a sweep says about made-up losses: order, choice, and words that claim no more than the seeds show. */
import { runConfigSchema, type FinishedTrial, type TrialResult } from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import {
  objectiveOf,
  objectiveValue,
  planSweep,
  summarizeSweep,
  type Sweep,
  type SweepPlan,
} from '../../src/index.js';

const config = runConfigSchema.parse({ model: { layers: 2 }, training: { steps: 10 } });

/** A configuration for each line of losses, a seed for each column. */
function planOf(
  losses: readonly (readonly number[])[],
  metric = 'validation.nats',
  objective: SweepPlan['objective'] = objectiveOf(metric, null, config, LANGUAGE_MODEL.metrics),
): SweepPlan {
  const values = losses.map((_, index) => index + 1);
  return {
    search: 'grid',
    samples: 20,
    seeds: losses[0]?.map((_, seed) => seed + 1) ?? [],
    objective,
    axes: ['tying.window'],
    fields: [{ path: 'tying.window', name: 'window', dimension: { kind: 'list', values }, text: '1, 2' }],
    configurations: values.map((value) => ({
      id: value,
      label: `window=${value}`,
      values: [value],
      config: { ...config, tying: { ...config.tying, window: value } },
    })),
  };
}

/** The test loss is half a nat above the validation loss; NaN stands for a trial that did not finish. */
function sweepOf(
  losses: readonly (readonly number[])[],
  metric?: string,
  objective?: SweepPlan['objective'],
  margin: number | null = null,
): Sweep {
  const plan = planOf(losses, metric, objective);
  const trials = planSweep(plan, config);
  const finished = trials.flatMap((trial): FinishedTrial[] => {
    const loss = losses[trial.config.tying.window - 1]?.[trial.seed - 1] as number;
    if (Number.isNaN(loss)) return [];
    const result = {
      ...LANGUAGE_MODEL,
      seed: trial.seed,
      validation: { nats: loss },
      test: { nats: loss + 0.5, accuracy: 1 / loss },
      summary: {},
      ledger: { uniqueParameters: 1000, independentLayers: 2 },
      memory: { residentBytes: 1, backendBytes: 1 },
      tokensPerSecond: 640,
      tieMap: [0, 1],
      data: { vocabularySize: 256 },
      backend: { name: 'cpu', version: '1', detail: 'made up' },
    } as unknown as TrialResult;
    return [{ trial, result }];
  });
  const asked = { ...config, compare: { ...config.compare, margin } };
  return summarizeSweep(plan, { config: asked, trials, finished, failed: [] });
}

describe('a sweep', () => {
  it('plans every configuration with every seed, seed by seed, each in a folder of its own', () => {
    const plans = planSweep(planOf([[1, 2], [3, 4]]), config); // prettier-ignore
    expect(plans.map(({ id, label, seed, config: one }) => [id, label, seed, one.seed])).toEqual([
      ['001-seed-1', 'window=1', 1, 1],
      ['002-seed-1', 'window=2', 1, 1],
      ['001-seed-2', 'window=1', 2, 2],
      ['002-seed-2', 'window=2', 2, 2],
    ]);
    expect(() => planSweep({ ...planOf([[1]]), seeds: [3, 3] }, config)).toThrow(/3 is listed twice/);
  });

  it('ranks by the mean and reports the test loss of the choice beside it', () => {
    const sweep = sweepOf([
      [3.0, 3.2, 3.1],
      [2.0, 2.1, 2.2],
      [2.5, 2.4, 2.6],
    ]);
    expect(sweep.rows.map(({ id }) => id)).toEqual([2, 3, 1]);
    expect(sweep.rows[0]?.objective.mean).toBeCloseTo(2.1, 12);
    // t(2) at 97.5 % is 4.302653 (tables); s = 0.1.
    expect(sweep.rows[0]?.objective.high).toBeCloseTo(2.1 + (4.302653 * 0.1) / Math.sqrt(3), 6);
    expect(sweep.choice).toMatchObject({ id: 2, second: 3 });
    expect(sweep.note).toContain('#2 (window=2)');
    expect(sweep.note).toMatch(/test split had no part in the choice, and its loss there is 2\.600 nats/);
    expect(sweep.unfinished).toBe(0);
  });

  it('says whether best and second differ by more than the noise of seeds', () => {
    const clear = sweepOf([
      [2.0, 2.1, 2.2, 2.3, 2.4],
      [3.0, 3.11, 3.2, 3.29, 3.4],
    ]);
    expect(clear.note).toMatch(/more than the noise of seeds \(Holm-corrected p < 0\.001\)/);
    expect(clear.choice?.shownWorse).toEqual([2]);
    const noise = sweepOf([
      [2.0, 2.4, 2.2, 2.3, 2.1],
      [2.1, 2.2, 2.4, 2.2, 2.2],
    ]);
    expect(noise.note).toMatch(
      /no more than the noise of seeds explains \(Holm-corrected p = 0\.[1-9].*80 % power from 0\.[0-9]+ nats on/,
    );
    expect(noise.choice?.shownWorse).toEqual([]);
    expect(sweepOf([[2], [3]]).note).toContain('with one seed nothing says whether more than chance');
    const equal = sweepOf([[2, 3], [2, 3]]); // prettier-ignore
    expect(equal.note).toContain('#2 is equal to it to the last digit');
  });

  it('calls others equivalent to the best within a margin that was named before', () => {
    const losses = [
      [2.0, 2.1, 2.2, 2.3, 2.4],
      [2.001, 2.1, 2.201, 2.3, 2.401],
      [3.0, 3.1, 3.2, 3.3, 3.4001],
    ];
    const named = sweepOf(losses, undefined, undefined, 0.01);
    expect(named.choice).toMatchObject({
      id: 1,
      second: 2,
      shownWorse: [3],
      shownEquivalent: [2],
      margin: 0.01,
    });
    expect(named.note).toMatch(
      /ahead of #2 by 0\.001 nats on average, paired over 5 seeds: equivalent within the margin of 0\.010 nats \(Holm-corrected p < 0\.001\)/,
    );
    expect(named.note).toContain(
      'Of the 2 others, 1 is shown to be worse, 1 to be equivalent within the margin',
    );
    expect(sweepOf(losses).choice).toMatchObject({ shownEquivalent: [], margin: null });
    // A margin of the first metric says nothing about another objective.
    const other = sweepOf(losses, 'parameters', undefined, 0.01);
    expect(other.choice).toMatchObject({ shownEquivalent: [], margin: null });
  });

  it('does not choose a configuration whose mean is over fewer seeds than the others', () => {
    const sweep = sweepOf([
      [1.0, Number.NaN],
      [2.0, 2.1],
      [2.2, 2.4],
    ]);
    // Below those that are ranked, however low its mean.
    expect(sweep.rows.map(({ id }) => id)).toEqual([2, 3, 1]);
    expect(sweep.note).toContain('The best of 2 configurations');
    expect(sweep.choice).toMatchObject({ id: 2, second: 3 });
    expect(sweep.unfinished).toBe(1);
    expect(sweep.note).toMatch(/#1.*left out of the ranking/);
    expect(sweep.note).toContain('1 of 6 trials');
  });

  it('does not choose by the test split, and says so of an older one that did', () => {
    expect(() => sweepOf([[3], [2]], 'test.accuracy')).toThrow(/Rank by validation.accuracy/);
    const sweep = sweepOf([[3], [2]], 'test.accuracy', { metric: 'test.accuracy', goal: 'maximize' });
    expect(sweep.rows.map(({ id }) => id)).toEqual([2, 1]);
    expect(sweep.note).toContain('no untouched split is left');
  });

  it('chooses nothing while every configuration lacks a seed, and hides nothing behind one that diverged', () => {
    const open = sweepOf([[1, Number.NaN], [2, Number.NaN]]); // prettier-ignore
    expect(open.choice).toBeNull();
    expect(open.note).toContain(
      'No configuration has a validation.nats of all 2 seeds yet, so none is chosen.',
    );
    const diverged = sweepOf([[1, Infinity, 1.2], [2, 2.1, 2.2]]); // prettier-ignore
    expect(diverged.choice).toMatchObject({ id: 2, second: null });
    expect(diverged.rows[1]?.objective).toMatchObject({ n: 2, mean: 1.1 });
    expect(diverged.note).toMatch(/#1 \(2 of 3 seeds\) is left out/);
  });

  it('ranks nothing that was not measured', () => {
    const sweep = sweepOf([[3], [2]], 'summary.memory.peak');
    expect(sweep.choice).toBeNull();
    expect(sweep.note).toContain('No trial measured summary.memory.peak');
    expect(sweepOf([[Number.NaN]]).note).toBe('No trial finished, so nothing is shown.');
  });
});

describe('an objective', () => {
  it('that nothing measures is refused before anything runs, with near names', () => {
    expect(() => objectiveOf('validation.nat', null, config, LANGUAGE_MODEL.metrics)).toThrow(
      /Did you mean "validation.nats"/,
    );
    expect(() => objectiveOf('loss', null, config, LANGUAGE_MODEL.metrics)).toThrow(
      /known: .*tokensPerSecond/,
    );
    const other = runConfigSchema.parse({ evaluation: { evaluators: ['perplexity', 'mine'] } });
    expect(objectiveOf('validation.mine', 'maximize', other, LANGUAGE_MODEL.metrics)).toEqual({
      metric: 'validation.mine',
      goal: 'maximize',
    });
  });

  it('is read from the trial', () => {
    const trial = {
      ledger: { uniqueParameters: 7 },
      summary: { 'a.b': 3 },
      validation: {},
      test: { nats: 2 },
    };
    const read = (metric: string): number => objectiveValue(metric, trial as unknown as TrialResult);
    expect(read('parameters')).toBe(7);
    expect(read('summary.a.b')).toBe(3);
    expect(read('test.nats')).toBe(2);
    expect(read('validation.nats')).toBeNaN();
  });
});

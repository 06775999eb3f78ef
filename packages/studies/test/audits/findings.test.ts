/** What audits say follows from their numbers, whichever way these come out. */
import { PluginHost, runConfigSchema, type PlannedTrial, type RunConfig, type Study } from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import { gradientsReport, GRADIENTS, UNTIES, type GradientRun } from '../../src/audits/gradients/report.js';
import { memoryReport, type MemoryRun } from '../../src/audits/memory/report.js';
import { randomRatioReport } from '../../src/audits/random-ratio/report.js';
import { rewardsReport, type RewardedWindow } from '../../src/audits/rewards/report.js';
import { storagesReport } from '../../src/audits/storages/report.js';
import type { SweepCount } from '../../src/audits/sweeps.js';
import { AUDITED_REWARDS } from '../../src/audits/rewards/entry.js';
import { plugin } from '../../src/index.js';
import type { AuditReport } from '../../src/audits/types.js';

const config = runConfigSchema.parse({ model: { layers: 8 } });
const MEASURED = { floors: [], ...LANGUAGE_MODEL };

const column = ({ tables: [table] }: AuditReport, key: string): unknown[] => {
  const at = table?.columns.findIndex((one) => one.key === key) ?? -1;
  return table?.rows.map((row) => row[at]) ?? [];
};

describe('storages', () => {
  const runs = (storages: (independent: number) => number): SweepCount[][] =>
    [5, 7].map((last) =>
      [1, 2, 3].map((sweep) => {
        const independent = sweep === 3 ? last : 3;
        return { sweep, independent, storages: sweep === 3 ? storages(independent) : 3 };
      }),
    );

  it('that agree with the log are said to agree', () => {
    const honest = runs((independent) => independent);
    const { finding } = storagesReport({ layers: 8, trained: honest, exploration: honest }, config, []);
    expect(finding).toContain('After episode 3 it counts 6.00 independent layers, where there are 6.00');
    expect(finding).toContain('the log never says more than there is');
    expect(finding).not.toContain('by ');
    expect(finding).not.toContain('one set of weights');
  });

  it('that are lost are said to be lost', () => {
    const report = storagesReport(
      {
        layers: 8,
        trained: runs(() => 1),
        exploration: runs(() => 1).map((counts) => counts.map((one) => ({ ...one, independent: 8 }))),
      },
      config,
      [],
    );
    expect(report.finding).toContain('the log says more than there is after 33 % of all episodes');
    expect(report.finding).toContain('by 1.67 on average (95 % interval -2.57 to 5.90)');
    expect(report.finding).toContain('all layers of every run read one storage from episode 3 on');
    expect(report.finding).toContain('can stand for a stack that has one set of weights');
    expect(column(report, 'distinct_storages')).toEqual([3, 3, 1]);
  });

  it('of no finished run are no finding', () => {
    const { finding, tables } = storagesReport({ layers: 8, trained: [], exploration: [] }, config, []);
    expect(finding).toContain('In the trained runs no episode was completed');
    expect(tables[0]?.rows).toEqual([]);
  });
});

describe('the random ratio', () => {
  /** Eight layers, H_8 = 761/280 = 2.718. */
  const replays = (counts: readonly number[], layers = 8, storages = 2) => {
    const lists = counts.map((independent) => [{ sweep: 1, independent, storages }]);
    return { layers, official: lists, clean: lists };
  };
  const around = [2, 3, 2, 3, 4, 3, 2, 3, 2, 3];

  it('that lies around the harmonic number agrees with it, and is less than 75 % at eight layers', () => {
    const { finding } = randomRatioReport([replays(around)]);
    expect(finding).toContain('No mean is shown to differ from the harmonic number');
    expect(finding).toContain("Random actions tie less than the paper's 75 %");
    expect(finding).toContain('2.00 storages against 2.70 logged');
  });

  it('that lies elsewhere is said to differ, and where', () => {
    const { finding } = randomRatioReport([replays(around), replays(around, 48, 9)]);
    expect(finding).toContain('NOT what was counted for official with 48 layers and clean with 48 layers');
    expect(finding).toContain('Random actions alone tie on average 94 % of 48 layers');
    // 6 or more of 48 are 26 % of the exact law, 7 or more 11 %.
    expect(finding).toMatch(/within what chance leaves \(7 or more in 1\d % of random sweeps\)/);
    expect(finding).toContain('as many storages exist as are logged');
  });

  it('of one seed is not tested', () => {
    expect(randomRatioReport([replays([3])]).finding).toContain('give more with --seeds');
  });
});

describe('rewards', () => {
  const windows = (rewards: readonly [number, boolean, number][]): RewardedWindow[] =>
    rewards.map(([reward, saturated, loss], index) => ({
      ...{ step: 4 * (index + 1), reward, saturated, loss },
      raw: saturated ? reward - 1 : reward,
    }));
  const always = windows([
    [-10, true, 5],
    [-10, true, 4],
    [-10, true, 3],
  ]);
  const ending = windows([
    [-10, true, 3],
    [-10, true, 2.4],
    [-9, false, 2.2],
  ]);
  const never = windows([
    [0, false, 5],
    [0.5, false, 4],
    [0.25, false, 3],
  ]);

  it('that are always clipped, end, or are never clipped are told apart', () => {
    const report = rewardsReport(
      [
        { reward: 'a', seed: 1, windows: always },
        { reward: 'b', seed: 1, windows: ending },
        { reward: 'c', seed: 1, windows: never },
      ],
      config,
      [],
      MEASURED,
    );
    expect(report.finding).toContain('a was clipped in 100 % of the windows, and 100 %');
    expect(report.finding).toContain('so the learner was told nothing');
    expect(report.finding).toContain('came at step 12 at 2.20 nats (seed 1)');
    expect(report.finding).toContain('c was never clipped; no window repeated');
    expect(column(report, 'saturated')).toEqual([1, 2 / 3, 0]);
    expect(column(report, 'repeated')).toEqual([1, 1 / 2, 0]);
    expect(column(report, 'above_ten')).toEqual([1, 2 / 3, 1]);
    expect(column(report, 'end_step')).toEqual([null, 12, null]);
  });
});

describe('gradients', () => {
  /** Losses that differ by seed alone, plus what a cell adds. */
  const runs = (added: (gradient: string, untie: string, seed: number) => number): GradientRun[] =>
    [1, 2, 3, 4, 5].flatMap((seed) =>
      GRADIENTS.flatMap((gradient) =>
        UNTIES.map((untie) => ({
          ...{ gradient, untie, seed, decided: 4, uniqueParameters: 100 },
          value: 3 + seed / 10 + added(gradient, untie, seed),
          storages: untie === 'alias' ? 1 : 4,
        })),
      ),
    );
  /** Small numbers without a direction. */
  const noise = (gradient: string, untie: string, seed: number): number =>
    Math.sin(37 * seed + 11 * gradient.length + 5 * untie.charCodeAt(0)) / 100;

  it('without a difference show none', () => {
    const { finding } = gradientsReport(runs(noise), config, [], MEASURED);
    expect(finding).toContain('The gradient mode: no difference in loss is shown');
    expect(finding).toContain('The untie policy: no difference in loss is shown');
    expect(finding).toContain('with clone 4.00 layers were decided independent and 4.00 blocks exist');
    expect(finding).toContain('with alias 4.00 layers were decided independent and 1.00 blocks exist');
  });

  it('with a planted difference show that one, with its sign', () => {
    const planted = runs(
      (gradient, untie, seed) => noise(gradient, untie, seed) + (untie === 'alias' ? 0.2 : 0),
    );
    const { finding, tables } = gradientsReport(planted, config, [], MEASURED);
    expect(finding).toContain('The untie policy changes the loss: it is higher');
    expect(finding).toContain('The gradient mode: no difference');
    expect(tables[1]?.rows[1]?.[1]).toBeCloseTo(0.2, 1);
  });

  it('leave out seeds that did not finish everywhere', () => {
    const some = runs(noise).filter(({ seed, untie }) => seed < 3 || untie === 'clone');
    expect(gradientsReport(some, config, [], MEASURED).method).toContain('2 seeds');
    expect(gradientsReport([], config, [], MEASURED).finding).toContain('nothing can be compared');
  });
});

describe('memory', () => {
  const run = (blocks: number, share: { moments: number; flops: number }): MemoryRun => ({
    blocks,
    seed: 1,
    tokensPerSecond: 100,
    memory: { backendBytes: 1.4e6 * blocks, residentBytes: 1e8 },
    ledger: {
      ...{ layers: 4, independentLayers: blocks, distinctStorages: {} },
      ...{ trainableParameters: 0, loggedTrainableParameters: 0, totalParameters: 4e5 },
      uniqueParameters: 1e5 * blocks,
      bytes: { weights: 4e5 * blocks, gradients: 4e5 * blocks, moments: share.moments, activations: 3e6 },
      flops: { forward: 1, backward: 2, step: share.flops },
    },
  });

  it('that tying does not save is named', () => {
    const { finding } = memoryReport(
      [run(4, { moments: 4e6, flops: 9e6 }), run(1, { moments: 1e6, flops: 9e6 })],
      config,
      [],
      'tokens',
    );
    expect(finding).toContain('From 4 blocks to 1 tying saves parameters (−75 %)');
    expect(finding).toContain('It does NOT save activations and operations of a step.');
    expect(finding).toContain('are the weights and moments of the ledger, within 0.1');
    expect(finding).toContain('the measured peak of tensors falls by 75 %');
    expect(finding).toContain('that of the whole process stays as it is');
  });

  it('that tying saves, or needs more of, is named as such', () => {
    const { finding } = memoryReport(
      [run(4, { moments: 4e6, flops: 9e6 }), run(1, { moments: 8e6, flops: 6e6 })],
      config,
      [],
      'tokens',
    );
    expect(finding).toContain('operations of a step (−33 %)');
    expect(finding).toContain('It does NOT save activations.');
    expect(finding).toContain('More is needed of optimizer moments.');
    expect(finding).toContain('off from the weights and moments of the ledger by up to');
  });

  it('of one map is not compared', () => {
    expect(memoryReport([run(4, { moments: 1, flops: 1 })], config, [], 'tokens').finding).toContain(
      'nothing can be compared',
    );
  });
});

describe('plans', () => {
  const audits = ['storages', 'rewards', 'gradients', 'memory'] as const;
  const planAudit = (audit: (typeof audits)[number], own: RunConfig): readonly PlannedTrial[] =>
    (plugin.studies[audit].create({}, { host: new PluginHost() }) as Study).plan(own);

  it.each(audits)('of %s have defaults, and a folder for each trial', (audit) => {
    const { defaults } = plugin.studies[audit];
    const chosen = runConfigSchema.parse(defaults?.());
    const own = runConfigSchema.parse(defaults?.(chosen));
    const plans = planAudit(audit, own);
    expect(new Set(plans.map(({ id }) => id)).size).toBe(plans.length);
    for (const { id } of plans) expect(id).toMatch(/^[a-z0-9-]+$/);
    expect(new Set(plans.map(({ config: each }) => JSON.stringify(each))).size).toBe(plans.length);
  });

  it.each(audits)('of %s bring a text to the task that reads one, and none to others', (audit) => {
    const { defaults } = plugin.studies[audit];
    const [text, rows] = ['causal-lm', 'classify'].map((task) => defaults?.(runConfigSchema.parse({ task })));
    expect(text).toMatchObject({ dataset: { name: 'moby-dick' }, tokenizer: expect.anything() as unknown });
    expect(defaults?.()).toMatchObject({ dataset: text?.dataset, tokenizer: text?.tokenizer });
    expect(rows).not.toHaveProperty('dataset');
    expect(rows).not.toHaveProperty('tokenizer');
  });

  it('take as many steps as whole episodes have', () => {
    const chosen = runConfigSchema.parse({ model: { layers: 24 }, tying: { window: 3 } });
    expect(plugin.studies.storages.defaults?.(chosen).training?.steps).toBe(20 * 23 * 3);
  });

  it('audit the official reward first, and every reward there is', () => {
    expect(AUDITED_REWARDS[0]).toEqual({ name: 'negative-perplexity', options: { clip: 10 } });
    expect(AUDITED_REWARDS.map(({ name }) => name)).toContain('log-perplexity-improvement');
  });

  it('refuse a profile that has nothing to audit, and a single layer', () => {
    expect(() => planAudit('storages', config)).toThrow(/there the log says what there is/);
    expect(() => planAudit('memory', runConfigSchema.parse({ model: { layers: 1 } }))).toThrow(/one layer/);
  });
});

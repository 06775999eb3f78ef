/** Which maps are forked, which go on, and what is said of them: by hand, without training. */
import { contiguousTieMaps, runConfigSchema, type PlannedTrial, type TrialResult } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { contiguousCount, forkMaps, ranked } from '../../src/forked-halving/halve.js';
import { firstRung, furtherRungs, type ForkedHalvingSettings } from '../../src/forked-halving/plan.js';
import { presentForkedHalving } from '../../src/forked-halving/present.js';
import { summarizeForkedHalving } from '../../src/forked-halving/summarize.js';

const config = runConfigSchema.parse({ seed: 7, backend: 'cpu', dataset: 'moby-dick', tokenizer: 'byte' });
const NATS = { name: 'nats', unit: 'nats', better: 'lower' } as const;
const maps = [...contiguousTieMaps(5, 3)].map((map) => [...map]);
const settings: ForkedHalvingSettings = {
  run: { folder: 'runs/warm', controller: 'none', seed: 7, steps: 400, layers: 5 },
  maps,
  rungs: [100, 200, 400],
  all: false,
};

/**
 * Validation of the six maps at the three rungs. After 100 steps the order is 0 1 2 3 4 5; after 200 steps 1 0 2 ...; at the
 * end map 3, which halving has dropped, is the best of all.
 */
const VALUES = [
  [1.0, 0.9, 0.8],
  [1.1, 0.85, 0.7],
  [1.2, 0.95, 0.9],
  [1.3, 0.99, 0.6],
  [1.4, 1.1, 1.0],
  [1.5, 1.2, 1.1],
];

function finished(trial: PlannedTrial, value = valueOf(trial)): { trial: PlannedTrial; result: TrialResult } {
  const steps = trial.config.training.steps;
  const result = {
    ...{ task: 'causal-lm', unit: 'tokens', lossUnit: 'nats per token', metrics: [NATS], steps },
    ...{ tokens: 10 * steps, trainingFlops: 1000 * steps, data: {}, ledger: { uniqueParameters: 33 } },
    ...{ validation: { nats: value }, test: { nats: value + 0.01 }, outcome: 'completed' },
    backend: { name: 'cpu', version: '1', detail: 'loops' },
  };
  return { trial, result: result as unknown as TrialResult };
}

function valueOf({ label }: PlannedTrial): number {
  const [, rung, map] = /^rung (\d): (.*)$/.exec(label)!;
  return VALUES[maps.findIndex((one) => one.join('-') === map)]![Number(rung) - 1]!;
}

/** Rounds until nothing follows, as a study is conducted; `failing` labels fail. */
function play(given: ForkedHalvingSettings, failing: readonly string[] = []) {
  let trials = firstRung(config, given);
  for (;;) {
    const good = trials.filter(({ label }) => !failing.includes(label));
    const ended = {
      config,
      finished: good.map((trial) => finished(trial)),
      failed: trials
        .filter((trial) => !good.includes(trial))
        .map(({ label, seed }) => ({ controller: label, seed, message: 'it broke' })),
    };
    const all = [...firstRung(config, given), ...furtherRungs(given, ended)];
    if (all.length === trials.length) return { trials, ...ended };
    trials = all;
  }
}

describe('maps', () => {
  it('are all there are, or so many drawn without a repetition', () => {
    expect(forkMaps(5, 3, 8, 1)).toEqual(maps);
    expect(contiguousCount(12, 4)).toBe(165);
    const drawn = forkMaps(12, 4, 16, 1);
    expect(new Set(drawn.map(String)).size).toBe(16);
    expect(forkMaps(12, 4, 16, 1)).toEqual(drawn);
    expect(forkMaps(12, 4, 16, 2)).not.toEqual(drawn);
  });

  it('are ranked by the metric in its own direction, equals as they came, without those that diverged', () => {
    const of = (better: 'lower' | 'higher', values: number[]) =>
      ranked(values.map((value, at) => ({ at, value, metric: { ...NATS, better } }))).map(({ at }) => at);
    expect(of('lower', [2, 1, Number.NaN, 1, 3])).toEqual([1, 3, 0, 4]);
    expect(of('higher', [2, 1, Number.POSITIVE_INFINITY, 1, 3])).toEqual([4, 0, 1, 3]);
  });
});

describe('rungs', () => {
  it('halve the maps, each going on from the rung below with batches of its own rung', () => {
    const { trials } = play(settings);
    expect(trials.map(({ label }) => label)).toEqual([
      ...maps.map((map) => `rung 1: ${map.join('-')}`),
      // Six, then three, then two.
      ...[0, 1, 2].map((at) => `rung 2: ${maps[at]!.join('-')}`),
      ...[1, 0].map((at) => `rung 3: ${maps[at]!.join('-')}`),
    ]);
    expect(trials.map(({ seed }) => seed)).toEqual([...new Array(6).fill(7), 8, 8, 8, 9, 9]);
    expect(trials.map(({ config: own }) => own.training.steps)).toEqual([
      ...new Array(9).fill(100),
      200,
      200,
    ]);
    const from = trials.map(({ config: own }) => own.weights.from!.options['key']);
    expect(from.slice(0, 6)).toEqual(new Array(6).fill('start'));
    expect(from.slice(6)).toEqual([...[0, 1, 2].map((at) => trials[at]!.id), trials[7]!.id, trials[6]!.id]);
    expect(new Set(trials.map(({ id }) => id)).size).toBe(trials.length);
  });

  it('wait for every map of the one below', () => {
    const first = firstRung(config, settings);
    const some = first.slice(1).map((trial) => finished(trial));
    expect(furtherRungs(settings, { config, finished: some, failed: [] })).toEqual([]);
  });

  it('go on without maps that failed or diverged, and stop where none is left', () => {
    const [worst] = play(settings, ['rung 1: 0-0-0-3-4']).trials.slice(6);
    expect(worst!.label).toBe(`rung 2: ${maps[1]!.join('-')}`);
    const first = firstRung(config, settings);
    const broken = first.map((trial) => finished(trial, Number.NaN));
    expect(furtherRungs(settings, { config, finished: broken, failed: [] })).toEqual([]);
  });

  it('keep every map where all are to be trained', () => {
    expect(play({ ...settings, all: true }).trials).toHaveLength(18);
  });
});

describe('what it says', () => {
  const said = (given: ForkedHalvingSettings, failing: readonly string[] = []) => {
    const outcome = play(given, failing);
    return summarizeForkedHalving(given, outcome);
  };

  it('names the map that is left and its cost: 1 300 steps against 400', () => {
    const found = said(settings);
    expect(found.kept).toEqual(maps[1]);
    expect(found.maps.map(({ tieMap, steps }) => [tieMap.join('-'), steps])).toEqual(
      [1, 0, 2, 3, 4, 5].map((at) => [
        maps[at]!.join('-'),
        [400, 400, 200, 100, 100, 100][[1, 0, 2, 3, 4, 5].indexOf(at)],
      ]),
    );
    expect(found.cost).toEqual({ steps: 1300, tokens: 13_000, flops: 1_300_000 });
    expect(found.oneRun).toEqual({ steps: 400, tokens: 4000, flops: 400_000 });
    // 0 1 2 against 1 0 2: two of three pairs in order, one not.
    expect(found.agreement[0]).toMatchObject({ from: 100, to: 200, maps: 3, chance: null });
    expect(found.agreement[0]!.tau).toBeCloseTo(1 / 3, 12);
    expect(found.verdict).toContain(`${maps[1]!.join('-')} is left, with a validation nats of 0.700 nats`);
    expect(found.verdict).toContain('1,300 steps of training, 3.3 times those of one map');
    // Three maps got to the second rung, two to the third.
    expect(found.verdict).toContain('Too few maps went on to tell');
    expect(found.regret).toBeNull();
  });

  it('says what halving would have given away where every map was trained', () => {
    const found = said({ ...settings, all: true });
    expect(found.kept).toEqual(maps[3]);
    expect(found.regret).toMatchObject({ kept: maps[1], place: 2, best: maps[3], cost: { steps: 1300 } });
    expect(found.regret!.regret).toBeCloseTo(0.1, 12);
    // 0.8 0.7 0.9 0.6 1.0 1.1 against 0 to 5: of 15 pairs 0-1, 0-3, 1-3 and 2-3 are the other way round.
    const whole = found.agreement.find(({ from, to }) => from === 100 && to === 400)!;
    expect(whole.tau).toBeCloseTo((11 - 4) / 15, 12);
    // Six maps: variance 2 x 17 / (9 x 30).
    expect(whole.chance).toBeCloseTo(1.959964 * Math.sqrt(34 / 270), 12);
    expect(found.verdict).toContain('number 2 of 6');
    expect(found.verdict).toContain('no more than chance may give (0.70)');
  });

  it('says what is missing, and shows what there is', () => {
    const trials = firstRung(config, settings);
    const none = summarizeForkedHalving(settings, { config, trials, finished: [], failed: [] });
    expect(none).toMatchObject({ kept: null, unfinished: 6, oneRun: null });
    expect(none.verdict).toBe(
      'No map has come to the end of a rung. 6 trials have not been run to their end.',
    );
    const broken = said(settings, ['rung 1: 0-0-0-3-4']);
    expect(broken.failed).toHaveLength(1);
    expect(broken.verdict).toContain('1 trial failed');
    expect(presentForkedHalving(broken).failed).toEqual(broken.failed);
  });

  it('draws a line for each map, which ends where the map did', () => {
    const document = presentForkedHalving(said(settings));
    const chart = document.body.find((block) => block.kind === 'chart')!;
    const drawing = chart.kind === 'chart' && chart.drawing.kind === 'lines' ? chart.drawing : undefined;
    expect(drawing!.series.map(({ points }) => points.map(({ x }) => x))).toEqual([
      [100, 200, 400],
      [100, 200, 400],
      [100, 200],
      [100],
      [100],
      [100],
    ]);
    expect(document.command).toBe(
      'ligature forked-halving runs/warm --blocks 3 --maps 6 --rungs 100,200,400',
    );
  });
});

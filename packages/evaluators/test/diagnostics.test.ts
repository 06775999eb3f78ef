/** Event sequences that must raise a diagnostic, and ones near them that must not. */
import { allTieMaps, createRandomStream } from '@ligature/core';
import type { LigatureEvent } from '@ligature/core';
import { createDiagnostics, diagnosticsOptionsSchema } from '@ligature/evaluators';
import { describe, expect, it } from 'vitest';
import { applied, closed, decided, decidedMap, LAYERS, play, rewarded, trained } from './support/events.js';

const codes = async (events: LigatureEvent[], options: object = {}): Promise<string[]> =>
  (await raised(events, options)).map(({ code, window }) => `${code}@${window}`);

const raised = (events: LigatureEvent[], options: object = {}) =>
  play((bus) => createDiagnostics(diagnosticsOptionsSchema.parse(options), LAYERS).attach!(bus), events);

/** One decision on a layer per window, sweeping over layers 1 to 4; the ledger is that of `tieMap`. */
const sweep = (
  windows: number,
  source: (layer: number, window: number) => number,
  tieMap: number[],
): LigatureEvent[] =>
  Array.from({ length: windows }, (_, window) => {
    const layer = 1 + (window % (LAYERS - 1));
    return [decided(window, layer, source(layer, window)), applied(window, tieMap)];
  }).flat();

const halfTied = [0, 0, 2, 2, 4];
const someDecision = decided(0, 1, 0);
const up = (window: number): number => 4 + 0.3 * (window % 2);

describe('loss-oscillates', () => {
  const windows = (count: number, loss: (window: number) => number): LigatureEvent[] => [
    someDecision,
    ...Array.from({ length: count }, (_, window) => closed(window, loss(window) - 0.01, loss(window) + 0.01)),
  ];

  it('is raised once when windows alternate, with the numbers that show it', async () => {
    const found = await raised(windows(20, up));
    expect(found.map(({ code, window }) => [code, window])).toEqual([['loss-oscillates', 7]]);
    expect(found[0]!.evidence.windows).toBe(8);
    expect(found[0]!.evidence.reversals).toBe(1);
    expect(found[0]!.evidence.amplitude).toBeCloseTo(0.3, 10);
  });

  it('is raised again after it had gone', async () => {
    expect(await codes(windows(60, (w) => (w < 20 || w >= 40 ? up(w) : 4)))).toEqual([
      'loss-oscillates@7',
      // The first window after which five of six pairs of changes are reversals again.
      'loss-oscillates@46',
    ]);
  });

  it.each([
    ['falls steadily', (w: number) => 9 - 0.3 * w],
    ['alternates by less than noise', (w: number) => 4 + 0.05 * (w % 2)],
    ['moves in slow waves', (w: number) => 4 + Math.sin(w / 2)],
    ['stays', () => 4],
  ])('is not raised when the loss %s', async (_, loss) => {
    expect(await codes(windows(30, loss))).toEqual([]);
  });

  it('is not raised before anything was decided, nor too early', async () => {
    expect(await codes(windows(20, up).slice(1))).toEqual([]);
    expect(await codes([decidedMap(0, 'keep'), ...windows(20, up).slice(1)])).toEqual([]);
    expect(await codes(windows(7, up))).toEqual([]);
  });
});

describe('always-ties and never-ties', () => {
  it('are raised after three sweeps without exception', async () => {
    expect(await codes(sweep(30, () => 0, halfTied))).toEqual(['always-ties@11']);
    const [never] = await raised(sweep(30, (layer) => layer, halfTied));
    expect(never).toMatchObject({
      code: 'never-ties',
      window: 11,
      evidence: { decisions: 12, tiedShare: 0 },
    });
  });

  it('are not raised when one decision in each sweep differs', async () => {
    const sometimes = (layer: number, window: number): number => (window % 7 === 0 ? layer : 0);
    expect(await codes(sweep(60, sometimes, halfTied))).toEqual([]);
  });

  it('are raised for a share below 1 when that is asked for', async () => {
    const sometimes = (layer: number, window: number): number => (window % 7 === 0 ? layer : 0);
    // Windows 0, 7 and 14 untie: of the decisions 1 to 12 only one does.
    expect(await codes(sweep(60, sometimes, halfTied), { habit: { share: 0.9 } })).toEqual([
      'always-ties@12',
      'always-ties@19',
      'always-ties@26',
      'always-ties@33',
      'always-ties@40',
      'always-ties@47',
      'always-ties@54',
    ]);
  });

  it('count a whole map as one decision for each layer', async () => {
    const maps = (map: number[]): LigatureEvent[] =>
      [0, 1, 2, 3].flatMap((window) => [decidedMap(window, 'map'), applied(window, map)]);
    expect(await codes(maps([0, 0, 0, 0, 0]))).toEqual(['always-ties@2']);
    expect(await codes(maps([0, 1, 2, 3, 4]), { reduction: { share: 0 } })).toContain('never-ties@2');
    expect(await codes(maps(halfTied))).toEqual([]);
  });

  it('do not count decisions to leave everything as it is', async () => {
    const keeping = Array.from({ length: 40 }, (_, w) => [
      decidedMap(w, 'keep'),
      applied(w, [0, 0, 0, 0, 0]),
    ]).flat();
    expect(await codes(keeping)).toEqual([]);
  });

  it('let uniformly random actions pass', async () => {
    const random = createRandomStream(4, 'policy');
    expect(await codes(sweep(60, (layer) => random.integer(0, layer + 1), halfTied))).toEqual([]);
  });
});

describe('little-reduction', () => {
  const mixed = (layer: number, window: number): number => (window % 2 === 0 ? layer : 0);

  it('is raised when three sweeps of mixed decisions leave nearly everything independent', async () => {
    const found = await raised(sweep(20, mixed, [0, 1, 2, 3, 4]));
    expect(found).toMatchObject([
      {
        code: 'little-reduction',
        window: 11,
        evidence: { decisions: 12, reduction: 0, independentLayers: 5 },
      },
    ]);
  });

  it('looks at the average: a third of the windows with two ties of five blocks is enough', async () => {
    // One tied block is 100 of 600 parameters. Means: 1/3 of 1/3 = 0.11 passes the threshold of 0.1, 1/4 of it does not.
    const every = (period: number): LigatureEvent[] =>
      Array.from({ length: 24 }, (_, w) => [
        decided(w, 1 + (w % 4), w % 2 === 0 ? 1 + (w % 4) : 0),
        applied(w, w % period === 0 ? [0, 1, 0, 1, 4] : [0, 1, 2, 3, 4]),
      ]).flat();
    expect(await codes(every(3))).toEqual([]);
    expect(await codes(every(4))).toEqual(['little-reduction@11']);
  });

  it('is not raised before there were many decisions', async () => {
    expect(await codes(sweep(11, mixed, [0, 1, 2, 3, 4]))).toEqual([]);
  });

  it('is raised for no map of five layers that ties something, and for the one that does not', async () => {
    for (const map of allTieMaps(LAYERS)) {
      const expected = map.every((source, layer) => source === layer) ? ['little-reduction@11'] : [];
      expect(await codes(sweep(12, mixed, map))).toEqual(expected);
    }
  });
});

describe('reward-saturated', () => {
  const rewards = (count: number, event: (window: number) => LigatureEvent): LigatureEvent[] => [
    someDecision,
    ...Array.from({ length: count }, (_, window) => event(window)),
  ];

  it('is raised when clipping changed nine of ten rewards', async () => {
    const found = await raised(rewards(10, (w) => rewarded(w, w === 3 ? -9 : -10, w !== 3)));
    expect(found).toMatchObject([
      { code: 'reward-saturated', window: 9, evidence: { windows: 10, saturatedShare: 0.9, spread: 1 } },
    ]);
    expect(await codes(rewards(10, (w) => rewarded(w, w < 2 ? -9 : -10, w >= 2)))).toEqual([]);
  });

  it('is raised when all rewards are equal though nothing was clipped', async () => {
    expect(await codes(rewards(30, (w) => rewarded(w, 0.25)))).toEqual(['reward-saturated@9']);
    expect(await codes(rewards(30, (w) => rewarded(w, 0.25 + 1e-9 * w)))).toEqual([]);
  });

  it('is not raised where nobody decides', async () => {
    expect(await codes(rewards(30, (w) => rewarded(w, -10, true)).slice(1))).toEqual([]);
  });
});

describe('gradient-spike', () => {
  const run = (
    count: number,
    norm: (step: number) => number,
    loss?: (step: number) => number,
  ): LigatureEvent[] =>
    Array.from({ length: count }, (_, at) => trained(at + 1, norm(at + 1), loss?.(at + 1)));
  const noise = createRandomStream(1, 'noise');
  /** Warm-up, when norms fall from 5, and then 0.4 give or take a half. */
  const usual = (step: number): number =>
    (step < 20 ? 5 * 0.88 ** step : 0.4) * Math.exp(0.2 * noise.normal(0, 1));

  it('names the step and the factor of the measured case: near 0.4 until step 177, 5 150 at step 193', async () => {
    // Norms doubled about every step from 178 on, and the loss fell back to that of the unigrams.
    const norm = (step: number): number =>
      step <= 177 ? 0.4 : Math.min(5150, 0.4 * (5150 / 0.4) ** ((step - 177) / 16));
    const found = await raised(run(400, norm, (step) => (step < 190 ? 5.5 : 5.88)));
    expect(found).toHaveLength(1);
    // 0.4 times 12 875 to the power of 7/16 is the first one above 20: 62.8 times.
    expect(found[0]).toMatchObject({
      code: 'gradient-spike',
      window: 36,
      evidence: { step: 184, median: 0.4 },
    });
    expect(found[0]!.evidence['factor']).toBeCloseTo(12_875 ** (7 / 16), 6);
    expect(found[0]!.message).toBe(
      'The gradient norm of step 184 is 25.1, 62.8 times the median of the 50 steps before (0.4); the loss is 5.50, theirs was 5.50',
    );
    const [jump] = await raised(
      run(
        400,
        (step) => (step === 193 ? 5150 : 0.4),
        (step) => (step < 193 ? 5.5 : 5.88),
      ),
    );
    expect(jump!.message).toBe(
      'The gradient norm of step 193 is 5,150, 12,900 times the median of the 50 steps before (0.4); the loss is 5.88, theirs was 5.50',
    );
  });

  it.each([
    ['warm-up and noise', usual],
    ['single batches of fifteen times the usual', (step: number) => (step % 70 === 0 ? 15 : 1) * 0.4],
    ['norms that grow tenfold over a hundred steps', (step: number) => 0.1 * 10 ** (step / 100)],
    ['a first batch of a thousand times the usual', (step: number) => (step === 1 ? 400 : 0.4)],
    ['a spike before there are fifty steps to set it against', (step: number) => (step === 50 ? 400 : 0.4)],
  ])('is not raised for %s', async (_, norm) => {
    expect(await raised(run(400, norm))).toEqual([]);
  });

  it('is raised once a spell, which ends after fifty calm steps in a row', async () => {
    const spikes = (...steps: number[]): LigatureEvent[] =>
      run(400, (step) => (steps.includes(step) ? 100 : 0.4));
    const at = async (events: LigatureEvent[]) =>
      (await raised(events)).map(({ evidence }) => evidence['step']);
    expect(await at(spikes(100, 101, 103, 140))).toEqual([100]);
    expect(await at(spikes(100, 149))).toEqual([100]);
    expect(await at(spikes(100, 151))).toEqual([100, 151]);
    // What lies between half of the threshold and the threshold goes on with a spell and begins none.
    const hovering = (step: number): number =>
      step === 100 ? 100 : step > 100 && step % 30 === 0 ? 12 : 0.4;
    expect(await at(run(400, (step) => (step === 300 ? 100 : hovering(step))))).toEqual([100]);
    expect(await at(run(400, (step) => (step === 100 ? 0.4 : hovering(step))))).toEqual([]);
  });

  it('goes by its options', async () => {
    const events = run(40, (step) => (step === 30 ? 2 : 0.4));
    expect(await codes(events)).toEqual([]);
    expect(await codes(events, { spike: { steps: 10, factor: 4 } })).toEqual(['gradient-spike@5']);
  });
});

it('detaches, and counts what it raised', async () => {
  const evaluator = createDiagnostics(diagnosticsOptionsSchema.parse({}), LAYERS);
  const events = sweep(30, () => 0, halfTied);
  expect(await play((bus) => evaluator.attach!(bus)(), events)).toEqual([]);
  await play((bus) => evaluator.attach!(bus), events);
  expect(evaluator.summary!()).toEqual({
    'loss-oscillates': 0,
    'always-ties': 1,
    'never-ties': 0,
    'little-reduction': 0,
    'reward-saturated': 0,
    'gradient-spike': 0,
  });
});

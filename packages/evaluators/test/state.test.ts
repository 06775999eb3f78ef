/** Evaluators and the reward process that were saved at any event go on as those that were not. */
import { createEventBus } from '@ligature/core';
import type { Evaluator, LigatureEvent, Snapshot } from '@ligature/core';
import {
  createDiagnostics,
  createLedgerEvaluator,
  createLogPerplexityImprovement,
  createMemoryEvaluator,
  createThroughputEvaluator,
  diagnosticsOptionsSchema,
  RewardProcess,
} from '@ligature/evaluators';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applied,
  closed,
  decided,
  decidedMap,
  LAYERS,
  ledgerOf,
  play,
  rewarded,
  stepped,
  trained,
} from './support/events.js';

/** Through JSON, typed arrays as they are. */
function saved(state: Snapshot | undefined): Snapshot {
  if (ArrayBuffer.isView(state)) return structuredClone(state);
  if (typeof state !== 'object' || state === null) return JSON.parse(JSON.stringify(state)) as Snapshot;
  if (Array.isArray(state)) return state.map(saved);
  return Object.fromEntries(Object.entries(state).map(([key, one]) => [key, saved(one as Snapshot)]));
}

/** Small thresholds, so that short sequences raise everything, and raise it again. */
const options = diagnosticsOptionsSchema.parse({
  oscillation: { windows: 4, reversals: 0.5, amplitude: 0.05 },
  habit: { sweeps: 0.5, share: 0.9 },
  reduction: { sweeps: 0.5, share: 0.2 },
  saturation: { windows: 2, share: 0.5 },
  spike: { steps: 3, factor: 4 },
});

const maps = [
  [0, 1, 2, 3, 4],
  [0, 0, 0, 0, 0],
  [0, 0, 2, 2, 4],
];
const window = fc.array(
  fc.oneof(
    fc.nat(3).chain((i) => fc.nat(i + 1).map((source) => (w: number) => decided(w, i + 1, source))),
    fc.constantFrom('map' as const, 'keep' as const).map((kind) => (w: number) => decidedMap(w, kind)),
    fc.constantFrom(...maps).map((map) => (w: number) => applied(w, map)),
    fc.double({ min: 0, max: 9, noNaN: true }).map((loss) => (w: number) => closed(w, loss)),
    fc.constantFrom(0, 0.4, 0.5, 40).map((norm) => (w: number) => trained(w, norm)),
    fc.tuple(fc.constantFrom(-1, 0, 1), fc.boolean()).map(
      ([reward, clipped]) =>
        (w: number) =>
          rewarded(w, reward, clipped),
    ),
  ),
  { minLength: 60, maxLength: 90 },
);
const history = window.map((list) => list.map((event, i): LigatureEvent => event(Math.floor(i / 3))));

/** What is raised by `make()`s that take over from each other at the cuts, and the last one's summary. */
async function through(make: () => Evaluator, events: LigatureEvent[], cuts: number[]) {
  const raised: unknown[] = [];
  let evaluator = make();
  let from = 0;
  for (const to of [...cuts.filter((cut) => cut <= events.length).sort((a, b) => a - b), events.length]) {
    const current = evaluator;
    raised.push(...(await play((bus) => current.attach!(bus), events.slice(from, to))));
    evaluator = make();
    evaluator.restore!(saved(current.snapshot!()));
    from = to;
  }
  return { raised, summary: evaluator.summary!() };
}

const cuts = fc.array(fc.nat(90), { minLength: 1, maxLength: 3 });

it('diagnostics raise the same, once each, whatever the interruptions', async () => {
  const make = (): Evaluator => createDiagnostics(options, LAYERS);
  const reached = new Set<string>();
  await fc.assert(
    fc.asyncProperty(history, cuts, async (events, at) => {
      const whole = await through(make, events, []);
      expect(await through(make, events, at)).toEqual(whole);
      for (const [code, count] of Object.entries(whole.summary)) if (count > 1) reached.add(code);
    }),
    // Shrinking histories of this length takes minutes.
    { numRuns: 60, seed: 1, endOnFailure: true },
  );
  // All six were raised at least twice in one history, or nothing was compared.
  expect([...reached].sort()).toEqual([
    'always-ties',
    'gradient-spike',
    'little-reduction',
    'loss-oscillates',
    'never-ties',
    'reward-saturated',
  ]);
});

it('diagnostics of a checkpoint from before one of them begin that one anew', async () => {
  const before = createDiagnostics(options, LAYERS).snapshot!() as {
    counts: Record<string, number>;
    detectors: Record<string, Snapshot>;
  };
  const { 'gradient-spike': _count, ...counts } = before.counts;
  const { spike: _spike, ...detectors } = before.detectors;
  const evaluator = createDiagnostics(options, LAYERS);
  evaluator.restore!({ ...before, counts: { ...counts, 'always-ties': 2 }, detectors } as Snapshot);
  const calm = [1, 2, 3].map((step) => trained(step, 0.5));
  await play((bus) => evaluator.attach!(bus), [...calm, trained(4, 50)]);
  expect(evaluator.summary!()).toMatchObject({ 'gradient-spike': 1, 'always-ties': 2 });
});

it('diagnostics of a checkpoint that calls an oscillating loss by its former name go on under the new one', async () => {
  const { 'loss-oscillates': _count, ...counts } = createDiagnostics(options, LAYERS).summary!();
  const evaluator = createDiagnostics(options, LAYERS);
  evaluator.restore!({
    ...(createDiagnostics(options, LAYERS).snapshot!() as Record<string, Snapshot>),
    counts: { ...counts, 'perplexity-oscillates': 3 } as Record<string, number>,
    failing: ['perplexity-oscillates'],
  });
  expect(evaluator.summary!()).toEqual({ ...counts, 'loss-oscillates': 3 });
  expect(evaluator.snapshot!()).toMatchObject({ failing: ['loss-oscillates'] });
});

it('the ledger counts the windows before the interruption too', async () => {
  const started: LigatureEvent = {
    type: 'run.started',
    seed: 1,
    layers: 5,
    steps: 3,
    controller: 'x',
    tieMap: maps[0]!,
    ledger: ledgerOf(maps[0]!),
  };
  await fc.assert(
    fc.asyncProperty(history, cuts, async (events, at) => {
      const all = [started, ...events];
      expect(await through(createLedgerEvaluator, all, at)).toEqual(
        await through(createLedgerEvaluator, all, []),
      );
    }),
    { numRuns: 20 },
  );
});

it('peaks of memory are those of all processes of the run', async () => {
  const [held, resident] = [
    [5, 90, 40],
    [70, 30],
  ];
  const make = (peak: number): Evaluator =>
    createMemoryEvaluator({ backendBytes: () => held.shift()! }, () => peak);
  const [first, second] = [make(resident[0]!), make(resident[1]!)];
  await play((bus) => first.attach!(bus), [stepped(1, 8, 1), stepped(2, 8, 1)]);
  second.restore!(saved(first.snapshot!()));
  await play((bus) => second.attach!(bus), [stepped(3, 8, 1)]);
  expect(second.summary!()).toEqual({ peakBackendBytes: 90, peakResidentBytes: 70 });
});

it('throughput keeps the steps before the interruption, and warms up again after it', async () => {
  const [first, second] = [1, 1].map((warmup) => createThroughputEvaluator({ warmup }));
  // Rates 10, 100 | 20, 1000 tokens per second: the first of each process is left out.
  await play((bus) => first!.attach!(bus), [stepped(1, 10, 1000), stepped(2, 10, 100)]);
  second!.restore!(saved(first!.snapshot!()));
  await play((bus) => second!.attach!(bus), [stepped(3, 10, 500), stepped(4, 10, 10)]);
  const found = second!.summary!();
  expect(found.tokensPerSecond).toBeCloseTo(550, 9);
  expect(found.tokensPerSecondMean).toBeCloseTo(20 / 0.11, 9);
});

it('RewardProcess has the state of its reward', async () => {
  const bus = createEventBus();
  const make = (): RewardProcess =>
    new RewardProcess(
      bus,
      createLogPerplexityImprovement({ decay: 0.5, clip: null }),
      () => Promise.resolve({ loss: 4, metrics: {} }),
      { name: 'toy', metrics: [] },
    );
  const first = make();
  const detach = first.attach();
  const rewards: number[] = [];
  bus.on('reward.measured').subscribe(({ reward }) => rewards.push(reward));
  await bus.publish(closed(0, 1));
  await bus.idle();
  detach();
  expect(first.snapshot()).toEqual({ baseline: 4 });
  const second = make();
  second.restore({ baseline: 6 });
  second.attach();
  await bus.publish(closed(1, 1));
  await bus.idle();
  expect(rewards).toEqual([0, 2]);
});

describe('a state that does not fit is refused, and says whose it is', () => {
  const makers: [string, () => Evaluator][] = [
    ['diagnostics', () => createDiagnostics(options, LAYERS)],
    ['ledger', createLedgerEvaluator],
    ['memory', () => createMemoryEvaluator({ backendBytes: () => 0 })],
    ['throughput', () => createThroughputEvaluator({ warmup: 1 })],
  ];
  it.each(makers)('%s', (name, make) => {
    const evaluator = make();
    const refused = expect.objectContaining({
      name: 'ContractError',
      code: 'evaluator-state-invalid',
      message: expect.stringContaining(name) as string,
    }) as Error;
    fc.assert(
      fc.property(fc.jsonValue(), (junk) => {
        expect(() => evaluator.restore!(junk as Snapshot)).toThrow(refused);
        const [part] = Object.keys(evaluator.snapshot!() as object);
        const state = { ...(evaluator.snapshot!() as object), [part!]: [junk] };
        expect(() => evaluator.restore!(state as Snapshot)).toThrow(refused);
      }),
      { numRuns: 200 },
    );
  });

  it('the detectors inside the diagnostics', () => {
    const evaluator = createDiagnostics(options, LAYERS);
    const state = evaluator.snapshot!() as { detectors: Record<string, object> };
    const changed = (name: string, part: object): Snapshot =>
      ({
        ...state,
        detectors: { ...state.detectors, [name]: { ...state.detectors[name], ...part } },
      }) as Snapshot;
    const refused = expect.objectContaining({ code: 'evaluator-state-invalid' }) as Error;
    expect(() => evaluator.restore!(changed('oscillation', { nats: [1, 2, 3, 4, 5] }))).toThrow(refused);
    expect(() => evaluator.restore!(changed('habit', { ties: [1] }))).toThrow(refused);
    expect(() => evaluator.restore!(changed('reduction', { decisions: -1 }))).toThrow(refused);
    expect(() => evaluator.restore!(changed('saturation', { rewards: [{ reward: 'x' }] }))).toThrow(refused);
    expect(() => evaluator.restore!(changed('forecast', {}))).toThrow(refused);
  });
});

/** A TyingProcess that was saved between two events goes on as the one that was not. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import {
  createRandomStreams,
  type Decision,
  type LigatureEvent,
  type Observation,
  type Snapshot,
  type Transition,
} from '@ligature/core';
import { WeightRegistry } from '../src/index.js';
import { saved, savedWeights } from './snapshots.js';
import { toyStack } from './support.js';
import { LAYERS, tyingRun, type TyingRun } from './tying-run.js';

interface Settings {
  readonly profile: 'clean' | 'official';
  readonly decide: 'blocks' | 'components';
  readonly until?: number;
}

const CLEAN: Settings = { profile: 'clean', decide: 'blocks' };

/** What a controller sees, in order. */
interface Seen {
  readonly decided: Observation[];
  readonly learned: Transition[];
  readonly drawn: number[];
}

const nothing = (): Seen => ({ decided: [], learned: [], drawn: [] });

/** A function of what it sees and draws only. Its notes hold every number that JSON has not. */
const scripted = (seen: Seen) => ({
  decide(observation: Observation, random: { integer(low: number, high: number): number }): Decision {
    seen.decided.push(observation);
    const { layer, layers } = observation;
    const draw = random.integer(0, 1e6);
    seen.drawn.push(draw);
    const notes = { explored: true, epsilon: -0, values: [-Infinity, Number.NaN, Infinity, -0, 0.1] };
    if (draw % 4 === 0) return { kind: 'keep' };
    if (draw % 4 === 1 || layer === null) {
      return { kind: 'map', tieMap: Array.from({ length: layers }, (_, i) => draw % (i + 1)), notes };
    }
    return { kind: 'layer', layer, source: draw % (layer + 1), notes };
  },
  learn(transition: Transition) {
    seen.learned.push(transition);
    return { reward: transition.reward };
  },
});

/** Windows of two steps: everything that can happen between two events, as one list of actions. */
function actions(windows: number): ((run: TyingRun) => Promise<void>)[] {
  return Array.from({ length: windows }, (_, window) => [
    (run: TyingRun) => run.open(window, 2 * window),
    (run: TyingRun) => run.step(window, 2 * window + 1, 5 / (window + 1)),
    (run: TyingRun) => run.step(window, 2 * window + 2, 4 / (window + 1)),
    (run: TyingRun) => run.end(window, 2 * window + 2, window === windows - 1),
    (run: TyingRun) => run.reward(window, 0.1 * window),
  ]).flat();
}

/** The run in a new process: nothing is shared with the old one but what a checkpoint holds. */
function resume(old: TyingRun, seen: Seen, settings: Settings): TyingRun {
  // The seed is in the run's configuration; what was drawn from it in this process must not matter.
  const streams = createRandomStreams(3);
  streams.stream('policy').uniform();
  const registry = new WeightRegistry(toyStack(LAYERS), streams, { profile: settings.profile });
  registry.restore(saved(old.registry.snapshot()), savedWeights(old.registry));
  streams.restore(saved(old.streams.snapshot()));
  const run = tyingRun(scripted(seen), settings, registry, streams);
  run.process.restore(saved(old.process.snapshot()));
  return run;
}

async function uninterrupted(
  windows: number,
  settings: Settings,
): Promise<{ seen: Seen; events: LigatureEvent[] }> {
  const seen = nothing();
  const run = tyingRun(scripted(seen), settings);
  for (const act of actions(windows)) await act(run);
  return { seen, events: run.events };
}

describe.each<Settings>([
  CLEAN,
  { ...CLEAN, profile: 'official' },
  { ...CLEAN, decide: 'components' },
  // Windows of two steps and a budget of 20: the last two are not decided on any more, or not on all of their components.
  { ...CLEAN, until: 0.4 },
  { ...CLEAN, decide: 'components', until: 0.3 },
])('a run interrupted anywhere, twice, %j', (settings) => {
  it('sees, decides, learns and publishes the same', async () => {
    const windows = 6;
    const whole = await uninterrupted(windows, settings);
    // The script must reach what is to be compared.
    expect(new Set(whole.seen.learned.map(({ decision }) => decision.kind)).size).toBe(
      settings.until === undefined ? 3 : 2,
    );
    const list = actions(windows);
    const cut = fc.nat(list.length);
    await fc.assert(
      fc.asyncProperty(cut, cut, async (a, b) => {
        const [first, second] = [Math.min(a, b), Math.max(a, b)];
        const seen = nothing();
        const events: LigatureEvent[] = [];
        let run = tyingRun(scripted(seen), settings);
        for (const [index, act] of list.entries()) {
          if (index === first || index === second) {
            events.push(...run.events);
            run = resume(run, seen, settings);
          }
          await act(run);
        }
        events.push(...run.events);
        // toStrictEqual tells -0 from 0 and NaN from null.
        expect(seen).toStrictEqual(whole.seen);
        expect(events).toStrictEqual(whole.events);
      }),
      { numRuns: 40 },
    );
  });
});

it('learn is told exactly the decision of a window that was open when the run was saved', async () => {
  const seen = nothing();
  const open = tyingRun(scripted(seen));
  let window = 0;
  // Windows until one ties something with all its notes.
  for (; seen.drawn.at(-1) === undefined || (seen.drawn.at(-1) as number) % 4 !== 1; window += 1) {
    await open.open(window, window);
    await open.step(window, window + 1, 3);
  }
  window -= 1;
  const again = resume(open, seen, CLEAN);
  await open.close(window, window + 1);
  await again.close(window, window + 1);
  const [expected, found] = seen.learned.slice(-2);
  expect(found).toStrictEqual(expected);
  expect(found?.decision.notes?.values).toStrictEqual([-Infinity, Number.NaN, Infinity, -0, 0.1]);
  expect(found?.next.recentLosses).toEqual([3]);
  expect(Object.isFrozen(found?.observation.tieMap)).toBe(true);
  expect(Object.isFrozen(found?.decision)).toBe(true);
});

describe('a state that does not fit is refused', () => {
  const observation = {
    window: 0,
    sweep: 0,
    step: 0,
    progress: 0.5,
    layers: 3,
    layer: 1,
    component: null,
    tieMap: [0, 1, 2],
    tieMaps: { norms: [0, 1, 2], attention: [0, 1, 2], mlp: [0, 1, 2] },
    state: [0, 1, 2],
    recentLosses: [],
  };
  const state = (pending: unknown): Snapshot =>
    ({ pending, losses: [], lossesOf: null, step: 0, progress: 0.5, truncated: false }) as Snapshot;
  const decision = { kind: 'layer', layer: 1, source: 0 };
  const refusal = (code = 'tying-state-invalid'): Error =>
    expect.objectContaining({ name: 'ContractError', code }) as Error;

  it.each<[string, Snapshot]>([
    ['of another number of layers', state({ observation: { ...observation, layers: 4 }, decision })],
    ['with a map that is none', state({ observation: { ...observation, tieMap: [0, 2, 2] }, decision })],
    [
      'with a component that there is not',
      state({ observation: { ...observation, component: 'heads' }, decision }),
    ],
    ['with too few maps', state({ observation: { ...observation, tieMaps: { mlp: [0, 1, 2] } }, decision })],
    [
      'with one more map',
      state({
        observation: { ...observation, tieMaps: { ...observation.tieMaps, heads: [0, 1, 2] } },
        decision,
      }),
    ],
    [
      'with a map of a component that is none',
      state({
        observation: { ...observation, tieMaps: { ...observation.tieMaps, mlp: [0, 2, 2] } },
        decision,
      }),
    ],
    [
      'with a decision on another component',
      state({
        observation: { ...observation, component: 'mlp' },
        decision: { ...decision, component: 'norms' },
      }),
    ],
    ['with a short state', state({ observation: { ...observation, state: [0] }, decision })],
    ['with a forward reference', state({ observation, decision: { kind: 'layer', layer: 1, source: 2 } })],
    ['with a decision that is none', state({ observation, decision: { kind: 'tie' } })],
    ['without a decision', state({ observation })],
    [
      'nested deeper than the call stack',
      state(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as Snapshot),
    ],
    ['with half a step', { ...(state(null) as object), step: 0.5 }],
    ['with text as a loss', { ...(state(null) as object), losses: ['x'] }],
    ['with an array as a step', { ...(state(null) as object), step: new Float64Array(2) }],
  ])('%s', (_, wrong) => {
    const { process } = tyingRun({});
    expect(() => process.restore(wrong)).toThrow(refusal());
    process.restore(state({ observation, decision }));
    expect(process.snapshot()).toStrictEqual(state({ observation, decision }));
  });

  it('but one of before components and the budget were seen is read', async () => {
    const { progress, component, tieMaps, ...seen } = observation;
    expect([progress, component, tieMaps.mlp]).toEqual([0.5, null, [0, 1, 2]]);
    const old = {
      pending: { observation: seen, decision },
      losses: [3],
      lossesOf: 0,
      step: 0,
      truncated: false,
    };
    const told: Transition[] = [];
    const run = tyingRun({ learn: (transition) => void told.push(transition) });
    run.process.restore(old);
    const read = {
      ...(state({ observation: { ...observation, progress: 0 }, decision }) as object),
      progress: 0,
    };
    expect(run.process.snapshot()).toStrictEqual({ ...read, losses: [3], lossesOf: 0 });
    await run.close(0, 2);
    expect(told[0]!.observation).toEqual({ ...observation, progress: 0 });
    expect(told[0]!.next.progress).toBe(0.1);
  });

  it('whatever it is', () => {
    const { process } = tyingRun({});
    const before = process.snapshot();
    fc.assert(
      fc.property(fc.jsonValue(), (junk) => {
        expect(() => process.restore(junk as Snapshot)).toThrow(refusal());
        expect(() => process.restore(state({ observation, decision: junk }))).toThrow(refusal());
      }),
      { numRuns: 300 },
    );
    expect(process.snapshot()).toStrictEqual(before);
  });
});

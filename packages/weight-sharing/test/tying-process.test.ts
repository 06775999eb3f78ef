import { describe, expect, it } from 'vitest';
import {
  createRandomStreams,
  createRunContainer,
  HandlerError,
  runConfigSchema,
  TOKENS,
  type Decision,
  type LigatureEvent,
  type Observation,
  type Transition,
} from '@ligature/core';
import { TyingProcess } from '../src/index.js';
import { toyCost } from './support.js';
import { tyingRun, type Hooks, type TyingRun } from './tying-run.js';

const setUp = (hooks: Hooks, profile: 'clean' | 'official' = 'clean'): TyingRun =>
  tyingRun(hooks, { profile });

const only = (events: LigatureEvent[], ...types: LigatureEvent['type'][]): LigatureEvent[] =>
  events.filter((event) => types.includes(event.type));

describe('TyingProcess', () => {
  it('decides, applies and learns, and says so in that order', async () => {
    const seen: Observation[] = [];
    const learned: Transition[] = [];
    const { registry, events, open, step, close } = setUp({
      decide(observation) {
        seen.push(observation);
        const source = observation.window === 0 ? 0 : 1;
        return { kind: 'layer', layer: observation.layer as number, source, notes: { explored: true } };
      },
      learn(transition) {
        learned.push(transition);
        return { loss: 0.25 };
      },
    });
    await open(0, 0);
    expect(registry.tieMap).toEqual([0, 0, 2]);
    await step(0, 1, 5);
    await step(0, 2, 4);
    await close(0, 2);
    await open(1, 2);
    await step(1, 3, 3);
    await close(1, 3, true);

    expect(seen).toEqual([
      {
        window: 0,
        sweep: 0,
        step: 0,
        progress: 0,
        layers: 3,
        layer: 1,
        component: null,
        tieMap: [0, 1, 2],
        tieMaps: { norms: [0, 1, 2], attention: [0, 1, 2], mlp: [0, 1, 2] },
        state: [0, 1, 2],
        recentLosses: [],
      },
      {
        window: 1,
        sweep: 0,
        step: 2,
        progress: 0.1,
        layers: 3,
        layer: 2,
        component: null,
        tieMap: [0, 0, 2],
        tieMaps: { norms: [0, 0, 2], attention: [0, 0, 2], mlp: [0, 0, 2] },
        state: [0, 0, 2],
        recentLosses: [5, 4],
      },
    ]);
    expect(learned.map(({ next, ...rest }) => [rest, next])).toEqual([
      [
        {
          observation: seen[0],
          decision: { kind: 'layer', layer: 1, source: 0, notes: { explored: true } },
          reward: 0.5,
          terminated: false,
          truncated: false,
        },
        seen[1],
      ],
      [
        {
          observation: seen[1],
          decision: { kind: 'layer', layer: 2, source: 1, notes: { explored: true } },
          reward: 0.5,
          terminated: false,
          truncated: true,
        },
        {
          ...seen[1],
          window: 2,
          sweep: 1,
          step: 3,
          progress: 0.15,
          layer: 1,
          tieMap: [0, 0, 0],
          tieMaps: { norms: [0, 0, 0], attention: [0, 0, 0], mlp: [0, 0, 0] },
          state: [0, 0, 0],
          recentLosses: [3],
        },
      ],
    ]);
    expect(events.map((event) => event.type)).toEqual([
      'window.opened',
      'tying.decided',
      'tying.applied',
      'step.completed',
      'step.completed',
      'window.closed',
      'reward.measured',
      'controller.learned',
      'window.opened',
      'tying.decided',
      'tying.applied',
      'step.completed',
      'window.closed',
      'reward.measured',
      'controller.learned',
    ]);
    expect(only(events, 'tying.decided')[0]).toEqual({
      type: 'tying.decided',
      window: 0,
      sweep: 0,
      layer: 1,
      component: null,
      source: 0,
      kind: 'layer',
      notes: { explored: true },
    });
    expect(only(events, 'tying.applied')[1]).toEqual({
      type: 'tying.applied',
      window: 1,
      previous: [0, 0, 2],
      tieMap: [0, 0, 0],
      state: [0, 0, 0],
      tied: 1,
      untied: 0,
      ledger: registry.ledger(toyCost(2, 4)),
    });
    expect(only(events, 'controller.learned')[0]).toEqual({
      type: 'controller.learned',
      window: 0,
      report: { loss: 0.25 },
    });
  });

  it('says how much of the budget is spent when a window opens, and for the next one when it closes', async () => {
    const progress: number[] = [];
    const { open, close } = setUp({
      decide(observation) {
        progress.push(observation.progress);
        return { kind: 'keep' };
      },
      learn: ({ next }) => void progress.push(next.progress),
    });
    await open(3, 5);
    await close(3, 10);
    expect(progress).toEqual([0.25, 0.5]);
  });

  it('shows the action log as the state under the official profile', async () => {
    const seen: Observation[] = [];
    const { open } = setUp(
      {
        decide(observation) {
          seen.push(observation);
          return { kind: 'keep' };
        },
      },
      'official',
    );
    await open(0, 0);
    expect(seen[0]).toMatchObject({ tieMap: [0, 1, 2], state: [0, 0, 0] });
  });

  it('publishes nothing for a controller that never decides, and keeps the map', async () => {
    const { events, open, close, registry } = setUp({
      learn: () => {
        throw new Error('nothing to learn from');
      },
    });
    await open(0, 0);
    await close(0, 1);
    expect(only(events, 'tying.decided', 'tying.applied', 'controller.learned')).toEqual([]);
    expect(registry.tieMap).toEqual([0, 1, 2]);
  });

  it('publishes no report where a controller gives none', async () => {
    const { events, open, close } = setUp({ decide: () => ({ kind: 'keep' }), learn: () => undefined });
    await open(0, 0);
    await close(0, 1);
    expect(events.map((event) => event.type)).toEqual([
      'window.opened',
      'tying.decided',
      'tying.applied',
      'window.closed',
      'reward.measured',
    ]);
    expect(only(events, 'tying.decided')[0]).toMatchObject({ kind: 'keep', source: null, notes: {} });
  });

  it('draws from the stream "policy" only', async () => {
    const drawn: number[] = [];
    const { open, streams } = setUp({
      decide(_, random) {
        drawn.push(random.integer(0, 1e9));
        return { kind: 'keep' };
      },
    });
    await open(0, 0);
    expect(drawn).toEqual([createRandomStreams(3).stream('policy').integer(0, 1e9)]);
    expect(Object.keys(streams.snapshot() as object)).toEqual(['policy']);
  });

  it('gives controllers nothing that they could change', async () => {
    const { open, close, registry } = setUp({
      decide(observation) {
        expect(() => (observation.tieMap as number[]).push(9)).toThrow(TypeError);
        expect(() => ((observation.state as number[])[1] = 0)).toThrow(TypeError);
        expect(() => (observation.recentLosses as number[]).push(1)).toThrow(TypeError);
        expect(Object.isFrozen(observation)).toBe(true);
        return { kind: 'keep', notes: { values: [1] } };
      },
      learn(transition) {
        expect(Object.isFrozen(transition.decision)).toBe(true);
        expect(() => ((transition.next.tieMap as number[])[1] = 0)).toThrow(TypeError);
        return { seen: 1 };
      },
    });
    await open(0, 0);
    await close(0, 1);
    expect(registry.tieMap).toEqual([0, 1, 2]);
  });

  it.each<[string, unknown, RegExp]>([
    ['a forward reference', { kind: 'layer', layer: 1, source: 2 }, /a later one/],
    ['another layer', { kind: 'layer', layer: 2, source: 0 }, /layer 1 is to be decided on/],
    ['no integer', { kind: 'layer', layer: 1, source: 0.5 }, /given 0.5/],
    ['a negative layer', { kind: 'layer', layer: 1, source: -1 }, /no layer -1/],
    ['NaN', { kind: 'layer', layer: 1, source: Number.NaN }, /layer 1 is given/],
    ['a short map', { kind: 'map', tieMap: [0, 0] }, /no list of 3 layers/],
    ['a map with a forward reference', { kind: 'map', tieMap: [0, 2, 2] }, /layer 1 would use layer 2/],
    ['a map with a hole', { kind: 'map', tieMap: [0, , 0] }, /layer 1 is given undefined/],
    ['a map that is none', { kind: 'map', tieMap: 'all' }, /no list/],
    ['an unknown kind', { kind: 'tie' }, /kind/],
    ['nothing', undefined, /kind/],
  ])('refuses %s, naming controller, window and decision', async (_, decision, found) => {
    const { open, registry, events } = setUp({ decide: () => decision as Decision });
    const failure = await open(0, 0).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(HandlerError);
    const cause = (failure as HandlerError).cause as Error;
    expect(cause).toMatchObject({ name: 'ContractError', code: 'controller-decision-invalid' });
    expect(cause.message).toMatch(found);
    expect(cause.message).toMatch(/"scripted" in window 0/);
    expect(registry.tieMap).toEqual([0, 1, 2]);
    expect(only(events, 'tying.decided', 'tying.applied')).toEqual([]);
  });

  it('can be built by a run container, and leaves the bus as it found it', async () => {
    const { bus, registry, streams, detach } = setUp({});
    const attached = bus.handlerCount;
    detach();
    expect(bus.handlerCount).toBe(0);
    const container = createRunContainer();
    container.provide(TOKENS.bus, bus);
    container.provide(TOKENS.registry, registry);
    container.provide(TOKENS.streams, streams);
    container.provide(TOKENS.ledger, () => registry.ledger(toyCost(1, 1)));
    container.provide(TOKENS.config, runConfigSchema.parse({}));
    container.provide(TOKENS.controller, {
      decide: (): Decision => ({ kind: 'map', tieMap: [0, 0, 0] }),
      snapshot: () => null,
      restore: () => undefined,
    });
    container.onDispose(container.build(TyingProcess).attach());
    expect(bus.handlerCount).toBe(attached);
    await bus.publish({ type: 'window.opened', window: 0, step: 0, progress: 0 });
    expect(registry.tieMap).toEqual([0, 0, 0]);
    await container.dispose();
    expect(bus.handlerCount).toBe(0);
  });
});

describe('tying.until', () => {
  const asking = () => {
    const windows: number[] = [];
    const learned: number[] = [];
    const hooks: Hooks = {
      decide({ window, layer }) {
        windows.push(window);
        return { kind: 'layer', layer: layer as number, source: 0 };
      },
      learn: ({ observation }) => void learned.push(observation.window),
    };
    return { windows, learned, hooks };
  };

  it.each([
    // Of 20 steps, windows open at 0, 0.25, 0.5, 0.75 of the budget.
    { until: 0.5, last: 2 },
    { until: 0.3, last: 2 },
    { until: 0.25, last: 1 },
  ])('ends with the first window at or after it: $until, said once', async ({ until, last }) => {
    const { windows, learned, hooks } = asking();
    const run = tyingRun(hooks, { until });
    for (const window of [0, 1, 2, 3]) {
      await run.open(window, 5 * window);
      expect(run.process.isOver).toBe(window >= last);
      await run.close(window, 5 * window + 5);
    }
    const asked = [0, 1, 2].slice(0, last + 1);
    expect(windows).toEqual(asked);
    // What came of the last decision nobody needs to know.
    expect(learned).toEqual(asked.slice(0, -1));
    expect(run.registry.tieMap).toEqual([0, 0, 0]);
    expect(only(run.events, 'tying.frozen')).toEqual([
      { type: 'tying.frozen', window: last, step: 5 * last, tieMap: [0, 0, 0] },
    ]);
    const types = run.events.map(({ type }) => type);
    expect(types.lastIndexOf('tying.applied')).toBe(types.indexOf('tying.frozen') - 1);
  });

  it('ends with one more decision on each component where these are decided on apart', async () => {
    const asked: (string | null)[] = [];
    const hooks: Hooks = {
      decide({ component }) {
        asked.push(component);
        return { kind: 'map', tieMap: [0, 0, 0] };
      },
    };
    const run = tyingRun(hooks, { until: 0.5, decide: 'components' });
    for (const window of [0, 1, 2, 3]) await run.open(window, 10 + window);
    expect(asked).toEqual(run.registry.decidable);
    expect(asked).toHaveLength(3);
    expect(only(run.events, 'tying.frozen')).toMatchObject([{ window: 2, step: 12 }]);
  });

  it('ends all the same with a controller that does not answer', async () => {
    const hooks: Hooks = {
      decide: () => {
        throw new Error('no');
      },
    };
    const run = tyingRun(hooks, { until: 0.5, onMisbehaviour: 'keep-map' });
    await run.open(0, 10);
    await run.open(1, 11);
    expect(run.events.map(({ type }) => type)).toEqual([
      'window.opened',
      'controller.failed',
      'tying.frozen',
      'window.opened',
    ]);
  });

  it('is reached in the first window where it is 0, and never where it is 1', async () => {
    for (const [until, asked] of [
      [0, [0]],
      [1, [0, 1]],
    ] as const) {
      const { windows, hooks } = asking();
      const run = tyingRun(hooks, { until });
      await run.open(0, 0);
      await run.open(1, 20);
      expect(windows).toEqual(asked);
      expect(only(run.events, 'tying.frozen')).toHaveLength(until === 0 ? 1 : 0);
    }
  });

  it('is nothing to speak of where nobody decides', async () => {
    const run = tyingRun({}, { until: 0.5 });
    await run.open(0, 15);
    expect(only(run.events, 'tying.frozen')).toEqual([]);
  });
});

/** Controllers that want something measured: what they get, what the log gets, and who is to blame for what. */
import { describe, expect, it } from 'vitest';
import {
  createRandomStreams,
  measurementOf,
  parseEventLine,
  type LayersMeasured,
  type Measured,
  type MeasurementOrder,
  type Observation,
  type Similarity,
  type SimilarityKind,
  type TieCosts,
  type Transition,
} from '@ligature/core';
import { causeOf, failures, typesOf } from './tying-probes.js';
import { saved, savedWeights } from './snapshots.js';
import { toyStack, toyRegistry } from './support.js';
import { LAYERS, tyingRun, type Hooks, type TyingRun } from './tying-run.js';
import { WeightRegistry } from '../src/index.js';

const matrix = [
  [1, 0.25, -0.5],
  [0.25, 1, 0.125],
  [-0.5, 0.125, 1],
];

const cost = { tokens: 16, flops: 96 };

const measuredAs = (kind: SimilarityKind): Measured => ({ measurement: { kind, matrix }, cost });

interface Asked extends TyingRun {
  readonly asked: MeasurementOrder[];
}

function measuring(
  hooks: Hooks,
  measure: (order: MeasurementOrder) => Promise<Measured> = ({ measure: kind }) =>
    Promise.resolve(measuredAs(kind as SimilarityKind)),
  tying: Parameters<typeof tyingRun>[1] = {},
  registry?: WeightRegistry,
): Asked {
  const asked: MeasurementOrder[] = [];
  const run = tyingRun(hooks, tying, registry ?? toyRegistry(LAYERS), createRandomStreams(3), (order) => {
    asked.push(order);
    return measure(order);
  });
  return { ...run, asked };
}

describe('a measurement', () => {
  it('is made in the windows that ask for it, and seen, logged and told of', async () => {
    const seen: (Observation | Transition)[] = [];
    const run = measuring({
      wants: ({ window, measured }) => {
        expect(measured).toBeUndefined();
        return window === 1 ? 'hidden-cka' : undefined;
      },
      decide: (observation) => {
        seen.push(observation);
        return { kind: 'keep' };
      },
      learn: (transition) => void seen.push(transition),
    });
    await run.open(0, 0);
    await run.open(1, 2);
    await run.close(1, 4);
    expect(run.asked).toEqual([{ measure: 'hidden-cka' }]);
    const [bare, full, told] = seen as [Observation, Observation, Transition];
    expect('measured' in bare).toBe(false);
    expect(full.measured).toEqual({ kind: 'hidden-cka', matrix });
    expect(Object.isFrozen((full.measured as Similarity).matrix[0])).toBe(true);
    expect(told.observation).toEqual(full);
    expect('measured' in told.next).toBe(false);
    const logged = run.events.filter(({ type }) => type === 'layers.measured');
    expect(logged).toEqual([
      {
        type: 'layers.measured',
        window: 1,
        kind: 'hidden-cka',
        layers: 3,
        values: [0.25, -0.5, 0.125],
        ...cost,
      },
    ]);
    expect(typesOf(run.events).filter((type) => !type.startsWith('window.'))).toEqual([
      'tying.decided',
      'tying.applied',
      'layers.measured',
      'tying.decided',
      'tying.applied',
      'reward.measured',
    ]);
  });

  it('is not to be had where nobody measures: the controller decides without it', async () => {
    const seen: Observation[] = [];
    const run = tyingRun({
      wants: () => 'weight-cosine',
      decide: (observation) => {
        seen.push(observation);
        return { kind: 'keep' };
      },
    });
    await run.open(0, 0);
    expect('measured' in seen[0]!).toBe(false);
    expect(typesOf(run.events)).not.toContain('layers.measured');
  });

  it('is saved with the decision that it led to', async () => {
    const told: Transition[] = [];
    const hooks: Hooks = {
      wants: () => 'weight-cosine',
      decide: () => ({ kind: 'layer', layer: 1, source: 0 }),
      learn: (transition) => void told.push(transition),
    };
    const old = measuring(hooks);
    await old.open(0, 0);
    const registry = new WeightRegistry(toyStack(LAYERS), createRandomStreams(3));
    registry.restore(saved(old.registry.snapshot()), savedWeights(old.registry));
    const resumed = measuring(hooks, undefined, {}, registry);
    resumed.process.restore(saved(old.process.snapshot()));
    await resumed.close(0, 2);
    await old.close(0, 2);
    expect(told).toHaveLength(2);
    expect(told[0]).toEqual(told[1]);
    expect(told[0]!.observation.measured).toEqual({ kind: 'weight-cosine', matrix });
  });

  it('was called similarity in states of before there were others, and is read all the same', async () => {
    const seen: Transition[] = [];
    const hooks: Hooks = {
      wants: () => 'weight-cosine',
      decide: () => ({ kind: 'keep' }),
      learn: (transition) => void seen.push(transition),
    };
    const run = measuring(hooks);
    await run.open(0, 0);
    const state = saved(run.process.snapshot()) as unknown as {
      pending: { observation: { measured?: unknown; similarity?: unknown } };
    };
    const { observation } = state.pending;
    observation.similarity = observation.measured;
    delete observation.measured;
    run.process.restore(state as never);
    await run.close(0, 2);
    expect(seen[0]!.observation.measured).toEqual({ kind: 'weight-cosine', matrix });
  });

  it('of another number of layers is no saved state', async () => {
    const run = measuring({ wants: () => 'weight-cosine', decide: () => ({ kind: 'keep' }) }, () =>
      Promise.resolve({
        measurement: { kind: 'weight-cosine', matrix: matrix.map((row) => row.slice(1)) },
        cost,
      }),
    );
    await run.open(0, 0);
    const state = run.process.snapshot();
    expect(() => run.process.restore(state)).toThrow(/is none of 3 layers/);
  });
});

describe('what ties cost', () => {
  /** As much as their numbers say. */
  const costs = (order: MeasurementOrder): Measured => {
    if (order.measure !== 'tie-cost') throw new Error('another question');
    const { substitute, batches } = order;
    const pairs = order.pairs.map(({ first, second }) => ({ first, second, cost: first + second / 10 }));
    return { measurement: { kind: 'tie-cost', substitute, batches, loss: 4, pairs }, cost };
  };
  const asks = (wants: NonNullable<Hooks['wants']>, more: Hooks = {}) => {
    const seen: Observation[] = [];
    const hooks: Hooks = {
      wants,
      decide: (observation) => {
        seen.push(observation);
        return { kind: 'keep' };
      },
      ...more,
    };
    return { seen, hooks };
  };

  it('is asked of neighbours by default, and the log says it so that it can be read back', async () => {
    const { seen, hooks } = asks(() => 'tie-cost');
    const run = measuring(hooks, (order) => Promise.resolve(costs(order)));
    run.registry.tie(1, 0);
    await run.open(0, 0);
    expect(run.asked).toEqual([
      {
        ...{ measure: 'tie-cost', component: null, tieMap: [0, 0, 2], substitute: 'first', batches: 4 },
        pairs: [{ first: 0, second: 2 }],
      },
    ]);
    const event = run.events.find(({ type }) => type === 'layers.measured')!;
    const read = parseEventLine(JSON.stringify(event));
    expect(read).toMatchObject({
      kind: 'event',
      event: { pairs: [[0, 2]], values: [0.2], loss: 4, ...cost },
    });
    expect(measurementOf(event as LayersMeasured)).toEqual(seen[0]!.measured);
    expect((seen[0]!.measured as TieCosts).pairs).toEqual([{ first: 0, second: 2, cost: 0.2 }]);
    expect(Object.isFrozen((seen[0]!.measured as TieCosts).pairs[0])).toBe(true);
  });

  it('may be asked of all pairs, or of some, with other substitutes and batches', async () => {
    const pairs = [{ first: 0, second: 2 }];
    for (const [question, wanted] of [
      [{ pairs: 'all' }, { pairs: [{ first: 0, second: 1 }, ...pairs, { first: 1, second: 2 }] }],
      [
        { pairs, substitute: 'mean', batches: 2 },
        { pairs, substitute: 'mean', batches: 2 },
      ],
    ] as const) {
      const run = measuring(asks(() => ({ measure: 'tie-cost', ...question })).hooks, (order) =>
        Promise.resolve(costs(order)),
      );
      await run.open(0, 0);
      expect(run.asked).toMatchObject([wanted]);
    }
  });

  it('in the turn of a component is about its map, and names it', async () => {
    const turn: Hooks['turn'] = () => ({ sweep: 0, layer: 1, component: 'mlp' });
    const run = measuring(asks(() => 'tie-cost', { turn }).hooks, (order) => Promise.resolve(costs(order)), {
      decide: 'components',
    });
    run.registry.tie(2, 1, 'mlp');
    await run.open(0, 0);
    expect(run.asked).toMatchObject([
      { component: 'mlp', tieMap: [0, 1, 1], pairs: [{ first: 0, second: 1 }] },
    ]);
  });

  it('is saved with the decision that it led to', async () => {
    const told: Transition[] = [];
    const { hooks } = asks(() => 'tie-cost', { learn: (transition) => void told.push(transition) });
    const run = measuring(hooks, (order) => Promise.resolve(costs(order)));
    await run.open(0, 0);
    const state = saved(run.process.snapshot());
    run.process.restore(state);
    await run.close(0, 2);
    expect((told[0]!.observation.measured as TieCosts).pairs).toHaveLength(2);
  });

  it.each([
    [{ pairs: [{ first: 1, second: 0 }] }, /no two blocks of 0-1-2/],
    [{ pairs: [{ first: 0, second: 3 }] }, /no two blocks/],
    [{ pairs: 'some' }, /pairs/],
    [{ batches: 0 }, /batches/],
    [{ substitute: 'worst' }, /substitute/],
    [{ layers: 3 }, /layers/],
  ])('asked as %j is a fault of the controller', async (question, found) => {
    const run = measuring(asks(() => ({ measure: 'tie-cost', ...question }) as never).hooks);
    const error = await causeOf(run.open(0, 0));
    expect(error.code).toBe('controller-measurement-invalid');
    expect(error.message).toMatch(found);
  });
});

describe('what goes wrong', () => {
  const keep: Hooks['decide'] = () => ({ kind: 'keep' });

  it('a measurement that there is none of is a fault of the controller', async () => {
    const run = measuring({ wants: () => 'attention' as never, decide: keep });
    expect((await causeOf(run.open(0, 0))).code).toBe('controller-measurement-unknown');
  });

  it('a controller that throws when it is asked is left out, if the run is to go on', async () => {
    const wants = (): never => {
      throw new Error('boom');
    };
    const run = measuring({ wants, decide: keep }, undefined, { onMisbehaviour: 'keep-map' });
    await run.open(0, 0);
    expect(failures(run)).toMatchObject([{ call: 'decide', code: 'controller-threw', window: 0 }]);
    expect(typesOf(run.events)).not.toContain('tying.decided');
  });

  it('a measurement that fails is none of its faults: the run stops, whatever is done about controllers', async () => {
    const fails = (): Promise<never> => Promise.reject(new Error('no hidden states'));
    const run = measuring({ wants: () => 'hidden-cka', decide: keep }, fails, { onMisbehaviour: 'keep-map' });
    expect((await causeOf(run.open(0, 0))).message).toBe('no hidden states');
    expect(failures(run)).toEqual([]);
  });

  it('a matrix that a controller writes into is refused', async () => {
    const run = measuring({
      wants: () => 'weight-cosine',
      decide: ({ measured }) => {
        ((measured as Similarity).matrix[0] as number[])[0] = 0;
        return { kind: 'keep' };
      },
    });
    expect((await causeOf(run.open(0, 0))).code).toBe('controller-mutated');
  });
});

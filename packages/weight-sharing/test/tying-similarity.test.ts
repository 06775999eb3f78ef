/** Controllers that want something measured: what they get, what the log gets, and who is to blame for what. */
import { describe, expect, it } from 'vitest';
import { createRandomStreams, type Observation, type SimilarityKind, type Transition } from '@ligature/core';
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

interface Asked extends TyingRun {
  readonly asked: SimilarityKind[];
}

function measuring(
  hooks: Hooks,
  measure: () => Promise<readonly (readonly number[])[]> = () => Promise.resolve(matrix),
  tying: Parameters<typeof tyingRun>[1] = {},
  registry?: WeightRegistry,
): Asked {
  const asked: SimilarityKind[] = [];
  const run = tyingRun(hooks, tying, registry ?? toyRegistry(LAYERS), createRandomStreams(3), (kind) => {
    asked.push(kind);
    return measure();
  });
  return { ...run, asked };
}

describe('a measurement', () => {
  it('is made in the windows that ask for it, and seen, logged and told of', async () => {
    const seen: (Observation | Transition)[] = [];
    const run = measuring({
      wants: ({ window, similarity }) => {
        expect(similarity).toBeUndefined();
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
    expect(run.asked).toEqual(['hidden-cka']);
    const [bare, full, told] = seen as [Observation, Observation, Transition];
    expect('similarity' in bare).toBe(false);
    expect(full.similarity).toEqual({ kind: 'hidden-cka', matrix });
    expect(Object.isFrozen(full.similarity!.matrix[0])).toBe(true);
    expect(told.observation).toEqual(full);
    expect('similarity' in told.next).toBe(false);
    const logged = run.events.filter(({ type }) => type === 'similarity.measured');
    expect(logged).toEqual([
      {
        type: 'similarity.measured',
        window: 1,
        kind: 'hidden-cka',
        layers: 3,
        values: [0.25, -0.5, 0.125],
      },
    ]);
    expect(typesOf(run.events).filter((type) => !type.startsWith('window.'))).toEqual([
      'tying.decided',
      'tying.applied',
      'similarity.measured',
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
    expect('similarity' in seen[0]!).toBe(false);
    expect(typesOf(run.events)).not.toContain('similarity.measured');
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
    expect(told[0]!.observation.similarity).toEqual({ kind: 'weight-cosine', matrix });
  });

  it('of another number of layers is no saved state', async () => {
    const run = measuring({ wants: () => 'weight-cosine', decide: () => ({ kind: 'keep' }) }, () =>
      Promise.resolve(matrix.map((row) => row.slice(1))),
    );
    await run.open(0, 0);
    const state = run.process.snapshot();
    expect(() => run.process.restore(state)).toThrow(/no table of 3 by 3/);
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
      decide: ({ similarity }) => {
        (similarity!.matrix[0] as number[])[0] = 0;
        return { kind: 'keep' };
      },
    });
    expect((await causeOf(run.open(0, 0))).code).toBe('controller-mutated');
  });
});

/** Saved states of what holds a run together: the registry of weights, the tying process, the evaluators. */
import {
  createEventBus,
  createRandomStreams,
  PluginHost,
  runConfigSchema,
  type Snapshot,
} from '@ligature/core';
import type { Evaluator, Ledger, Snapshotable } from '@ligature/core';
import { plugin as evaluators } from '@ligature/evaluators';
import { createGpt2 } from '@ligature/transformer';
import { CheckedController, TyingProcess, WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import '../backend.js';
import { jsonValue } from '../generate/json.js';
import { defineTarget, Violation } from '../target.js';

const LAYERS = 3;
const model = createGpt2({
  ...{ layers: LAYERS, width: 2, heads: 1, context: 4, vocabularySize: 5, dropout: 0 },
  ...{ activation: 'gelu_new', layerNormEpsilon: 1e-5 },
});
const PROFILES = ['clean', 'official'] as const;
type Profile = (typeof PROFILES)[number];
const makeRegistry = (profile: Profile): WeightRegistry =>
  new WeightRegistry(model, createRandomStreams(1), { profile, moments: 'keep' });

/** A registry with ties and moments. */
function lived(profile: Profile): WeightRegistry {
  const registry = makeRegistry(profile);
  registry.initialize();
  for (const source of [0, 1]) {
    for (const leaf of registry.binding().leaves.slice(0, 3)) {
      const part = (value: number): tf.Tensor => tf.fill([...leaf.spec.shape], value);
      registry.update(leaf, { parameter: part(0.5), slots: { m: part(0.1), v: part(0.2) }, step: 1 });
    }
    registry.tie(2, source);
  }
  return registry;
}

const saved = PROFILES.map((profile) => {
  const registry = lived(profile);
  const files = { state: registry.snapshot(), weights: registry.exportWeights() };
  registry.dispose();
  return files;
});

export const registryState = defineTarget({
  name: 'registry-state',
  reads: 'the saved layout and optimizer slots',
  input: fc
    .constantFrom(0, 1)
    .chain((index) => fc.tuple(fc.constant(index), jsonValue([saved[index]?.state]))),
  prepare:
    ([index, state]) =>
    () => {
      const before = tf.memory().numTensors;
      const registry = makeRegistry(PROFILES[index] as Profile);
      try {
        registry.restore(state as Snapshot, (saved[index] as (typeof saved)[number]).weights);
        registry.tie(1, 0);
        registry.untie(2);
        registry.binding();
        for (const { state } of registry.binding().leaves) {
          if (state && !(Number.isSafeInteger(state.step) && state.step >= 0)) {
            throw new Violation(`its slots are of step ${state.step}`);
          }
        }
        return registry.snapshot();
      } finally {
        registry.dispose();
        if (tf.memory().numTensors !== before) throw new Violation('it kept tensors');
      }
    },
});

/** Says what comes of a state: whoever takes it on can save itself again. */
const takesOn = (one: Pick<Snapshotable, 'restore' | 'snapshot'>, state: unknown) => () => {
  one.restore(state as Snapshot);
  return one.snapshot();
};

const observation = {
  ...{ window: 4, sweep: 2, step: 8, layers: LAYERS, layer: 1 },
  ...{ tieMap: [0, 0, 2], state: [0, 0, 2], recentLosses: [2, 1.5] },
  ...{ progress: 0.4, component: null },
  tieMaps: { norms: [0, 0, 2], attention: [0, 0, 2], mlp: [0, 0, 2] },
};
const tying = {
  pending: { observation, decision: { kind: 'layer', layer: 1, source: 0 } },
  ...{ losses: [2, 1.5], lossesOf: 4, step: 8, progress: 0.5, truncated: false },
};

export const tyingState = defineTarget({
  name: 'tying-state',
  reads: 'the saved decision whose reward is not known yet',
  input: jsonValue([
    tying,
    { ...tying, pending: null },
    { ...tying, pending: { observation, decision: { kind: 'map', tieMap: [0, 0, 0] } } },
  ]),
  prepare(state) {
    const registry = makeRegistry('clean');
    const controller = { snapshot: () => null, restore: () => undefined };
    const checked = new CheckedController(controller, createRandomStreams(1), runConfigSchema.parse({}));
    const ledger = (): Ledger => registry.ledger(model.cost({ inputs: [2, 4] }));
    return takesOn(new TyingProcess(createEventBus(), checked, registry, ledger), state);
  },
});

const host = new PluginHost().register(evaluators);
const NAMES = host.names('evaluators');
const make = (name: string): Promise<Evaluator> =>
  host.create('evaluators', name, {}, { layers: LAYERS, backendBytes: () => 0, now: () => 0 });
const fresh = new Map<string, Snapshot>();
for (const name of NAMES) fresh.set(name, (await make(name)).snapshot?.() ?? null);

export const evaluatorState = defineTarget({
  name: 'evaluator-state',
  reads: 'the saved state of every evaluator',
  input: fc.constantFrom(...NAMES).chain((name) => fc.tuple(fc.constant(name), jsonValue([fresh.get(name)]))),
  async prepare([name, state]) {
    const evaluator = await make(name);
    return () => {
      evaluator.restore?.(state as Snapshot);
      evaluator.summary?.();
      return evaluator.snapshot?.();
    };
  },
});

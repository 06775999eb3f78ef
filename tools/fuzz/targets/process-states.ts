/** Saved states of what holds a run together: the registry of weights, the tying process, the evaluators. */
import {
  createEventBus,
  createRandomStreams,
  createRunContainer,
  PluginHost,
  runConfigSchema,
  type Snapshot,
} from '@ligature/core';
import type { Evaluator, Ledger, Snapshotable } from '@ligature/core';
import { plugin as evaluators } from '@ligature/evaluators';
import { Trainer, trainerOptions, type StepResult, type TrainingSteps } from '@ligature/trainer';
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
  const state = registry.snapshot();
  const files = { states: [state, asMoments(state)], weights: registry.exportWeights() };
  registry.dispose();
  return files;
});

interface SavedSlots {
  readonly name: string;
  readonly step: number;
  readonly slots: object;
}

/** As it was written when AdamW was the only optimizer. */
function asMoments(state: Snapshot): Snapshot {
  const { slots, ...rest } = state as unknown as { readonly slots: readonly SavedSlots[] };
  const moments = slots.map(({ name, step, slots: both }) => ({ name, step, ...both }));
  return { ...rest, moments } as unknown as Snapshot;
}

export const registryState = defineTarget({
  name: 'registry-state',
  reads: 'the saved layout and optimizer slots, of both forms',
  input: fc
    .constantFrom(0, 1)
    .chain((index) => fc.tuple(fc.constant(index), jsonValue(saved[index]?.states ?? []))),
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
        for (const { state: kept } of registry.binding().leaves) {
          if (kept && !(Number.isSafeInteger(kept.step) && kept.step >= 0)) {
            throw new Violation(`its slots are of step ${kept.step}`);
          }
        }
        return registry.snapshot();
      } finally {
        registry.dispose();
        if (tf.memory().numTensors !== before) throw new Violation('it kept tensors');
      }
    },
});

const noLedger = (): Ledger => ({
  ...{ layers: LAYERS, independentLayers: LAYERS, distinctStorages: {} },
  ...{ uniqueParameters: 1, trainableParameters: 1, loggedTrainableParameters: 1, totalParameters: 1 },
  bytes: { weights: 4, gradients: 4, moments: 8, activations: 0 },
  flops: { forward: 1, backward: 2, step: 3 },
});

/** Says what comes of a state: whoever takes it on can save itself again. */
const takesOn = (one: Pick<Snapshotable, 'restore' | 'snapshot'>, state: unknown) => () => {
  one.restore(state as Snapshot);
  return one.snapshot();
};

/** As of before the budget and components were seen. */
const earlier = {
  ...{ window: 4, sweep: 2, step: 8, layers: LAYERS, layer: 1 },
  ...{ tieMap: [0, 0, 2], state: [0, 0, 2], recentLosses: [2, 1.5] },
};
const [attention, mlp, norms] = [
  [0, 0, 2],
  [0, 0, 2],
  [0, 0, 0],
];
const observation = {
  ...earlier,
  ...{ progress: 0.25, component: 'attention', tieMaps: { attention, mlp, norms } },
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
    { ...tying, progress: 0.5, pending: { ...tying.pending, observation: earlier } },
    { ...tying, pending: null },
    { ...tying, pending: { observation, decision: { kind: 'map', tieMap: [0, 0, 0] } } },
  ]),
  prepare(state) {
    const registry = makeRegistry('clean');
    const controller = { snapshot: () => null, restore: () => undefined };
    const checked = new CheckedController(controller, createRandomStreams(1), runConfigSchema.parse({}));
    const process = new TyingProcess(createEventBus(), checked, registry, noLedger);
    return takesOn(process, state);
  },
});

/** Steps that cost nothing: the loop's own state is what is read. */
const steps = {
  accumulation: 1,
  take: (): Promise<StepResult> => Promise.resolve({ loss: 1, gradientNorm: 1, weight: 8, applied: true }),
  skip: () => undefined,
  dispose: () => undefined,
} as unknown as TrainingSteps;

const LOOPS = [
  ...[{ step: 0, tokens: 0, window: 0, losses: null, skipped: [], done: false, flops: 0, milliseconds: 0 }],
  ...[
    { step: 5, tokens: 40, window: 2, losses: [2], skipped: [1], done: false, flops: 9e3, milliseconds: 4 },
  ],
  // Of before budgets.
  ...[{ step: 8, tokens: 64, window: 4, losses: null, skipped: [], done: true }],
];
const loopOptions = {
  ...trainerOptions(
    runConfigSchema.parse({
      training: { steps: 8 },
      tying: { window: 2 },
      checkpoint: { everyMinutes: null },
    }),
    8,
  ),
  ...{ finalSplits: [], checkpointEvery: null },
};

export const loopState = defineTarget({
  name: 'loop-state',
  reads: 'where the training loop stood, and trains from there to the end',
  input: jsonValue(LOOPS),
  prepare(state) {
    const registry = makeRegistry('clean');
    registry.initialize();
    const rest = [registry, noLedger, loopOptions, () => 0] as const;
    const trainer = new Trainer(createEventBus(), steps, ...rest);
    return async () => {
      try {
        trainer.restore(state as Snapshot);
        const result = await trainer.run();
        return [result, trainer.snapshot()];
      } finally {
        registry.dispose();
      }
    };
  },
});

const host = new PluginHost().register(evaluators);
const NAMES = host.names('evaluators');
const make = (name: string): Promise<Evaluator> =>
  host.create(
    'evaluators',
    name,
    {},
    {
      ...{ layers: LAYERS, backendBytes: () => 0, now: () => 0, get: createRunContainer().get },
    },
  );
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

/** What every update rule must keep, on every backend that is installed here. */
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { loadBinding } from '@ligature/backend-onnxruntime';
import type { AnyEntry, Optimizer, ParameterSpec, UpdateInput, UpdateOutput } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar } from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createAdamW, createMuon, createSgd, optimizers } from '../../src/optimizers/index.js';
import { fresh, largestDifference, numbersOf, run, scalarTensors, specOf, type Update } from './support.js';

function onnxRuntime(): string[] {
  try {
    loadBinding();
    return ['onnxruntime'];
  } catch (error) {
    console.warn(`not tested on onnxruntime: ${(error as Error).message}`);
    return [];
  }
}

const BACKENDS = ['cpu', 'wasm', ...onnxRuntime()];

const RULES: readonly [string, Optimizer][] = [
  ['adamw', createAdamW()],
  ['adamw, all decay', createAdamW({ decay: 'all', weightDecay: 0.1 })],
  ['sgd', createSgd()],
  ['sgd, nesterov, decay', createSgd({ nesterov: true, weightDecay: 0.1 })],
  ['sgd without momentum', createSgd({ momentum: 0 })],
  ['muon', createMuon()],
  ['muon, original', createMuon({ scale: 'original', nesterov: false, weightDecay: 0, iterations: 3 })],
];

const SPECS: readonly ParameterSpec[] = [
  specOf([4, 3]),
  specOf([3, 5]),
  specOf([4, 3], { sharing: 'global' }),
  specOf([5]),
  specOf([]),
];

const sizeOf = ({ shape }: ParameterSpec): number => shape.reduce((product, side) => product * side, 1);

const updatesOf = (spec: ParameterSpec, count: number, seed: number): Update[] =>
  Array.from({ length: count }, (_, index) => ({
    gradient: numbersOf(seed + index, sizeOf(spec)),
    learningRate: 0.01 * (index + 1),
    clip: 1 / (index + 1),
  }));

// Whichever backend tfjs would choose.
beforeEach(async () => {
  await tf.setBackend('cpu');
});

describe.each(RULES)('%s', (_name, optimizer) => {
  it('has all of its state in its slots: stopped and resumed after any update, it goes on as if it had not', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...SPECS),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 4 }),
        fc.integer({ min: 1, max: 1000 }),
        (spec, before, after, seed) => {
          const updates = updatesOf(spec, before + after, seed);
          const start = fresh(optimizer, spec, numbersOf(seed + 50, sizeOf(spec)));
          const whole = run(optimizer, spec, start, updates);
          const half = run(optimizer, spec, start, updates.slice(0, before));
          const saved = JSON.parse(JSON.stringify(half)) as typeof half;
          expect(run(optimizer, spec, saved, updates.slice(before), before)).toEqual(whole);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('gives back the slots that it asks for, in that order, of the shape of the parameter', () => {
    for (const spec of SPECS) {
      const slots = optimizer.slots(spec);
      expect(optimizer.slots(spec)).toEqual(slots);
      const start = numbersOf(1, sizeOf(spec));
      const state = run(optimizer, spec, fresh(optimizer, spec, start), updatesOf(spec, 1, 2));
      expect(Object.keys(state.slots)).toEqual(slots);
      Object.values(state.slots).forEach((values) => expect(values.length).toBe(start.length));
      expect(largestDifference(state.parameter, start)).toBeGreaterThan(1e-6);
    }
  });

  it('names the same scalars at every count', () => {
    for (const spec of SPECS) {
      const names = [1, 2, 100].map((count) => Object.keys(optimizer.scalars(0.01, count, spec)));
      expect(new Set(names.map(String)).size).toBe(1);
    }
  });

  describe.each(BACKENDS)('on %s', (backend) => {
    it('equals the cpu, leaves its inputs as they are and leaks nothing', async () => {
      for (const spec of SPECS) {
        const start = numbersOf(7, sizeOf(spec));
        const updates = updatesOf(spec, 2, 3);
        await tf.setBackend('cpu');
        const expected = run(optimizer, spec, fresh(optimizer, spec, start), updates);
        await tf.setBackend(backend);
        const found = run(optimizer, spec, fresh(optimizer, spec, start), updates);
        expect(largestDifference(found.parameter, expected.parameter)).toBeLessThan(1e-5);
        for (const name of optimizer.slots(spec)) {
          expect(largestDifference(found.slots[name]!, expected.slots[name]!)).toBeLessThan(1e-5);
        }
        ownership(optimizer, spec);
      }
    });
  });
});

/** What `compile` of the onnxruntime backend takes and gives. */
interface Compiling {
  compile(step: (inputs: tf.TensorContainer) => tf.TensorContainer): ((
    inputs: tf.TensorContainer,
  ) => tf.TensorContainer) & {
    readonly statistics: { readonly traces: number };
    dispose(): void;
  };
}

describe.skipIf(!BACKENDS.includes('onnxruntime')).each(RULES)('%s, recorded once', (_name, optimizer) => {
  it('is replayed with other gradients, counts, learning rates and clip factors', async () => {
    const spec = specOf([4, 3]);
    const updates = updatesOf(spec, 4, 11);
    const start = fresh(optimizer, spec, numbersOf(12, 12));
    const expected = run(optimizer, spec, start, updates);
    await tf.setBackend('onnxruntime');
    const replayed = (tf.backend() as unknown as Compiling).compile((container) => {
      const { clip, common, ...input } = container as unknown as Omit<UpdateInput, 'shared'> & {
        clip: Scalar;
        common: Record<string, Scalar>;
      };
      const { parameter, slots } = optimizer.update({
        ...input,
        spec,
        shared: optimizer.shared?.(clip, common) ?? { clip, ...common },
      });
      return { parameter, slots: { ...slots } };
    });
    let state = start;
    updates.forEach(({ gradient, learningRate, clip = 1 }, index) => {
      tf.tidy(() => {
        const tensor = (values: readonly number[]): tf.Tensor => tf.tensor2d([...values], [4, 3]);
        const next = replayed({
          parameter: tensor(state.parameter),
          gradient: tensor(gradient),
          slots: Object.fromEntries(
            Object.entries(state.slots).map(([name, values]) => [name, tensor(values)]),
          ),
          scalars: scalarTensors(optimizer.scalars(learningRate, index + 1, spec)),
          clip: tf.scalar(clip),
          common: scalarTensors(optimizer.common?.(learningRate) ?? {}),
        }) as unknown as UpdateOutput;
        const numbers = (value: tf.Tensor): number[] => [...value.dataSync()];
        state = {
          parameter: numbers(next.parameter),
          slots: Object.fromEntries(
            Object.entries(next.slots).map(([name, values]) => [name, numbers(values)]),
          ),
        };
      });
    });
    expect(replayed.statistics.traces).toBe(1);
    replayed.dispose();
    expect(largestDifference(state.parameter, expected.parameter)).toBeLessThan(1e-5);
    for (const name of optimizer.slots(spec)) {
      expect(largestDifference(state.slots[name]!, expected.slots[name]!)).toBeLessThan(1e-5);
    }
  });
});

/** Without a tidy scope around it: what is new afterwards is what the caller owns. */
function ownership(optimizer: Optimizer, spec: ParameterSpec): void {
  const first = tf.memory().numTensors;
  const of = (seed: number): tf.Tensor =>
    tf.tensor(Float32Array.from(numbersOf(seed, sizeOf(spec))), [...spec.shape]);
  const clip = tf.scalar(0.5);
  const names = optimizer.slots(spec);
  // Squares, because one of the slots may be a mean of squares.
  const slots = Object.fromEntries(
    names.map((name, index) => [name, tf.tidy(() => tf.square(of(index + 3)))]),
  );
  const inputs = { parameter: of(1), gradient: of(2), slots };
  const read = (): number[] =>
    [inputs.parameter, inputs.gradient, ...Object.values(slots)].flatMap((tensor) => [...tensor.dataSync()]);
  const before = read();
  const scalars = scalarTensors(optimizer.scalars(0.01, 3, spec));
  const common = scalarTensors(optimizer.common?.(0.01) ?? {});
  const made = tf.memory().numTensors;
  const shared = optimizer.shared?.(clip, common);
  const passedOn = Object.values(common);
  const own = Object.values(shared ?? {}).filter((tensor) => !passedOn.includes(tensor));
  expect(tf.memory().numTensors - made).toBe(own.length);
  const known = tf.memory().numTensors;
  const next = optimizer.update({ ...inputs, scalars, shared: shared ?? { clip, ...common }, spec });
  expect(tf.memory().numTensors - known).toBe(1 + names.length);
  expect(read()).toEqual(before);
  tf.dispose([next.parameter, { ...next.slots }, inputs.parameter, inputs.gradient, slots, scalars, clip]);
  tf.dispose([own, common]);
  expect(tf.memory().numTensors).toBe(first);
}

describe('the entries of the plug-in', () => {
  it.each(Object.entries(optimizers) as [string, AnyEntry<'optimizers'>][])(
    '%s',
    async (name, { meta, create }) => {
      const made = await create(meta.options.parse({}), {});
      expect(made.name).toBe(name);
      expect(meta.options.safeParse({ unheardOf: 1 }).success).toBe(false);
      if (meta.official) expect(meta.options.parse(meta.official)).toEqual(meta.official);
    },
  );

  it('refuse options by name', () => {
    expect(() => createAdamW({ beta1: 1 })).toThrow(
      expect.objectContaining({
        code: 'options-invalid',
        message: expect.stringContaining('beta1') as string,
      }),
    );
  });
});

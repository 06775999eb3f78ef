/** A small training step on the current backend of tfjs, and how far its numbers are from those of the cpu backend. */
import { createRandomStreams, type Batch, type Field, largest } from '@ligature/core';
import { createAdamW } from '@ligature/trainer';
import { createCausalLm } from '@ligature/tasks';
import { createObjective, headOf, Stepper, type StepOptions } from '@ligature/trainer';
import { createGpt2 } from '@ligature/transformer';
import { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';

export interface StepCheck {
  /** Largest relative deviation of losses and gradient norms. */
  readonly deviation: number;
  /** Of the last step; the first ones compile. */
  readonly milliseconds: number;
}

/** Wide enough for graphics cards that multiply with ten bits of mantissa, far too narrow for a wrong gradient. */
export const STEP_TOLERANCE = 5e-3;

const STEPS = 4;
const SIZES = { layers: 3, width: 32, heads: 2, context: 16, vocabularySize: 64 };
const BATCH = 4;
const OPTIONS: StepOptions = { optimizer: createAdamW(), clipNorm: 1 };

/** Trains a tiny stack on both; the current backend is the current one again afterwards. `cpu` must be registered. */
export async function checkStep(now: () => number): Promise<StepCheck> {
  const backend = tf.getBackend();
  const found = await train(now);
  await tf.setBackend('cpu');
  const expected = await train(now);
  await tf.setBackend(backend);
  const deviations = expected.numbers.map((value, index) => Math.abs(found.numbers[index]! / value - 1));
  return { deviation: largest(deviations), milliseconds: found.milliseconds };
}

/** Losses and gradient norms of a few steps, from the same weights on the same tokens each time. */
async function train(now: () => number): Promise<{ numbers: readonly number[]; milliseconds: number }> {
  const streams = createRandomStreams(1);
  const model = createGpt2({ ...SIZES, dropout: 0, activation: 'gelu_new', layerNormEpsilon: 1e-5 });
  const head = headOf(model, { kind: 'causal-lm', outputs: SIZES.vocabularySize });
  const objective = createObjective({ model, head, task: createCausalLm() });
  const registry = new WeightRegistry(objective, streams);
  const stepper = new Stepper(objective, registry, OPTIONS);
  const numbers: number[] = [];
  let milliseconds = 0;
  try {
    registry.initialize([0, 0, 2]);
    for (let step = 0; step < STEPS; step += 1) {
      const start = now();
      const batch = randomBatch((low, high) => streams.stream('data-order').integer(low, high));
      const { loss, gradientNorm } = await stepper.step([batch], 1e-3);
      milliseconds = now() - start;
      numbers.push(loss, gradientNorm);
    }
  } finally {
    stepper.dispose();
    registry.dispose();
  }
  return { numbers, milliseconds };
}

function randomBatch(draw: (low: number, high: number) => number): Batch {
  const ids = (): Int32Array =>
    Int32Array.from({ length: BATCH * SIZES.context }, () => draw(0, SIZES.vocabularySize));
  const field = (): Field => ({ shape: [BATCH, SIZES.context], dtype: 'int32', data: ids() });
  return { fields: { inputs: field(), labels: field() }, weight: BATCH * SIZES.context };
}

/** Gradients: what a model learns by must be what it says that it computes, through each of its heads. */
import { createRandomStream } from '@ligature/core';
import type { Mode, Projection } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { broken } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { digits, directionsOf, dot, norm, slope, tolerance } from '../harness/slopes.js';
import { countTensors } from '../harness/tensors.js';
import { onBackend, type Fields } from './batches.js';
import { seedsFrom } from './seeds.js';
import { EVALUATING, type ModelSubject, type Whole } from './subject.js';
import { WeightSet } from './weights.js';

/** Masks are drawn from the same seeds every time, so that the loss is a smooth function of the weights. */
const training = (): Mode => ({ training: true, dropoutSeed: seedsFrom(1) });

/** What the outputs are to become, as if by a task: the same for the same number of outputs. */
const goalsOf = (size: number): Float32Array => {
  const random = createRandomStream(size, 'goals');
  return Float32Array.from({ length: size }, () => random.normal());
};

/** Mean of half the squared distance to the goals, with its gradient written out: tfjs-core registers none in Node. */
function squaredDistance({ features, weight, bias }: Projection): Scalar {
  const goals = tf.tensor2d(goalsOf(features.shape[0] * weight.shape[0]), [
    features.shape[0],
    weight.shape[0],
  ]);
  const apart = (f: Tensor, w: Tensor, b: Tensor): Tensor2D =>
    tf.sub(tf.add(tf.matMul(f as Tensor2D, w as Tensor2D, false, true), b), goals);
  const custom = tf.customGrad((...given) => {
    const save = given.pop() as unknown as tf.GradSaveFunc;
    const [f, w, b] = given as unknown as Tensor2D[];
    save([f!, w!, b!, goals]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [left, right, added, wanted] = saved as Tensor2D[];
      const found = tf.sub(tf.add(tf.matMul(left!, right!, false, true), added!), wanted!);
      const d = tf.mul(dy, tf.div(found, wanted!.size)) as Tensor2D;
      return [tf.matMul(d, right!), tf.matMul(d, left!, true, false), tf.sum(d, 0)];
    };
    const value = tf.div(tf.mean(tf.square(apart(f!, w!, b!))), 2);
    return { value, gradFunc };
  });
  return custom(features, weight, bias ?? tf.zeros([weight.shape[0]])) as Scalar;
}

const gradients: RuleSpec<ModelSubject> = {
  id: 'gradients',
  must: 'the gradient of a loss on each head by every parameter that trains agrees with differences of that loss',
  why: 'A gradient that is wrong or missing still trains, only worse: nothing else shows it',
  mend: 'Compare each custom gradient with its derivative; register gradients of the kernels that are used (tfjs-core brings none of its own)',
  check: async (subject) => {
    await subject.withHeads((whole) => {
      const { weights, model, kind } = whole;
      const given = subject.fields({ time: Math.min(5, subject.timeOf(model)) });
      // Outputs of another form are the business of another rule.
      subject.outputs(whole, weights.view(), given);
      const found = gradientsOf(subject, whole, given);
      const values = weights.values();
      weights.weights.forEach(({ name, spec }, index) => {
        if (spec.trainable === false) return;
        const gradient = found[index]!;
        if (gradient.some((value) => !Number.isFinite(value)))
          broken(`the gradient of "${name}" through the head ${kind} is not finite`);
        for (const direction of directionsOf(gradient, index)) {
          const along = (step: number): number => {
            const moved = values.map((one, at) =>
              at === index ? one.map((value, place) => value + step * direction[place]!) : one,
            );
            return lossAt(subject, whole, moved, given);
          };
          const measured = slope(along);
          const claimed = dot(gradient, direction);
          if (!(Math.abs(measured - claimed) <= tolerance(gradient))) {
            broken(
              `along a direction of "${name}" the loss on the head ${kind} has the slope ${digits(measured)}, its gradient says ${digits(claimed)}`,
            );
          }
        }
      });
    });
  },
};

/** In 64 bits from the outputs on. */
function lossAt(
  { outputs }: ModelSubject,
  whole: Whole,
  data: readonly Float32Array[],
  given: Fields,
): number {
  const weights = new WeightSet(whole.weights.stack, 0, 'spread', data);
  try {
    const { values } = outputs(whole, weights.view(), given, training());
    const goals = goalsOf(values.length);
    return values.reduce((sum, value, at) => sum + (value - goals[at]!) ** 2, 0) / (2 * values.length);
  } finally {
    weights.dispose();
  }
}

/** By every weight that stands on its own under the map; empty for the others. @throws Finding (of `gradients`) */
function gradientsOf(
  { calls }: ModelSubject,
  { model, head, weights }: Whole,
  given: Fields,
  tieMap?: readonly number[],
): Float32Array[] {
  const tensors = onBackend(given);
  const used = weights.weights.map(
    (weight, index) =>
      weight.spec.trainable !== false && (!tieMap || weights.ownerOf(weight, tieMap) === index),
  );
  const leaves = weights.tensors.filter((_, index) => used[index]);
  const lossOf = (...moving: Tensor[]): Scalar => {
    let next = 0;
    const all = weights.tensors.map((tensor, index) => (used[index] ? moving[next++]! : tensor));
    const view = weights.view(all, tieMap);
    const mode = training();
    const states = model.encode(view, tensors, mode);
    return squaredDistance(head.project(view, states, tensors, mode));
  };
  try {
    return calls.now(
      'the gradient of a loss',
      () => {
        const { value, grads } = tf.valueAndGrads(lossOf)([...leaves]);
        const numbers = grads.map((gradient) => gradient.dataSync().slice() as Float32Array);
        tf.dispose([value, ...grads]);
        let next = 0;
        return used.map((is) => (is ? numbers[next++]! : new Float32Array()));
      },
      'gradients',
    );
  } finally {
    tf.dispose(tensors);
  }
}

const tying: RuleSpec<ModelSubject> = {
  id: 'tying',
  must: 'a layer that is given the block of another computes with it, and a shared block has the gradients of all its uses',
  why: 'Which layer uses which block is all that a controller decides; a model that goes round the view is never tied',
  mend: 'Ask view.block(layer, name) in every forward pass, and use the tensor that it gives',
  check: async (subject) => {
    await subject.withHeads(
      (whole) => {
        const { weights, model } = whole;
        const given = subject.fields({ time: Math.min(5, subject.timeOf(model)) });
        const tieMap = [0, 1, 0];
        const values = weights.values();
        const copied = weights.weights.map((weight) => values[weights.ownerOf(weight, tieMap)]!);
        const copies = new WeightSet(weights.stack, 0, 'spread', copied);
        const tied = subject.outputs(whole, weights.view(undefined, tieMap), given).values;
        const equal = subject.outputs(whole, copies.view(), given).values;
        const far = tied.findIndex((value, index) => Math.abs(value - equal[index]!) > 1e-5);
        if (far >= 0)
          broken(
            `with layer 2 tied to layer 0 an output is ${tied[far]}; with a copy of the block it is ${equal[far]}`,
          );
        const alone = gradientsOf(subject, { ...whole, weights: copies }, given);
        const shared = gradientsOf(subject, whole, given, tieMap);
        copies.dispose();
        weights.weights.forEach(({ name, spec }, index) => {
          if (spec.trainable === false || shared[index]!.length === 0) return;
          const sum = new Float32Array(alone[index]!.length);
          weights.weights.forEach((other, place) => {
            if (weights.ownerOf(other, tieMap) === index)
              alone[place]!.forEach((value, at) => (sum[at]! += value));
          });
          const apart = norm(sum.map((value, at) => value - shared[index]![at]!));
          if (!(apart <= 1e-4 + 1e-3 * norm(sum)))
            broken(`the gradient of "${name}" is ${digits(apart)} away from the sum over its uses`);
        });
      },
      { layers: 3 },
    );
  },
};

const tensorsReleased: RuleSpec<ModelSubject> = {
  id: 'tensors-released',
  must: 'states, outputs and gradients leave nothing behind but their result',
  why: 'A step is taken thousands of times: one tensor a step fills the memory of a long run',
  mend: 'Wrap the forward pass in tf.tidy, and dispose what custom gradients make',
  check: async (subject) => {
    const { withHeads, fields, calls, timeOf } = subject;
    await withHeads((whole) => {
      const { model, head, weights, kind } = whole;
      const given = fields({ time: timeOf(model) });
      // Twice: what is made once and kept, such as a constant, is no leak.
      for (const first of [true, false]) {
        const tensors = onBackend(given);
        const before = countTensors();
        const states = calls.now('encode', () => model.encode(weights.view(), tensors, EVALUATING));
        const encoded = countTensors() - before - 1;
        const { features, weight, bias } = calls.now('project', () =>
          head.project(weights.view(), states, tensors, EVALUATING),
        );
        const own = new Set<Tensor>([states.rows, ...weights.tensors]);
        const made = [features, weight, ...(bias ? [bias] : [])].filter((one) => !own.has(one)).length;
        const projected = countTensors() - before - 1 - encoded - made;
        tf.dispose([features, states.rows]);
        [weight, bias].forEach((one) => one && !own.has(one) && one.dispose());
        const beforeGradients = countTensors();
        gradientsOf(subject, whole, given);
        const left = {
          encode: encoded,
          [`project of the head ${kind}`]: projected,
          'the gradients': countTensors() - beforeGradients,
        };
        tf.dispose(tensors);
        const leak = Object.entries(left).find(([, count]) => count > 0);
        if (leak && !first)
          broken(`${leak[0]} left ${leak[1]} ${leak[1] === 1 ? 'tensor' : 'tensors'} behind`);
      }
    });
  },
};

export const gradientRules: readonly RuleSpec<ModelSubject>[] = [gradients, tying, tensorsReleased];

/** Loss and gradients: what a model learns from must be what it says that it computes. */
import { createRandomStream } from '@ligature/core';
import type { Mode, Model } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { broken, Finding } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { countTensors } from '../harness/tensors.js';
import { EVALUATING, inputsOf, labelsOf, type Ids, type ModelSubject } from './subject.js';
import { WeightSet } from './weights.js';

const TRAINING: Mode = { training: true };

const lossConsistent: RuleSpec<ModelSubject> = {
  id: 'loss-consistent',
  must: 'loss is the mean cross-entropy in nats of the logits, over all positions',
  why: 'Training lowers the one and evaluation reports the other; perplexities are compared between models',
  mend: 'Use natural logarithms, and the mean over batch and time',
  check: async ({ withWeights, ids, logits, loss, vocabularySize }) => {
    await withWeights((model, weights) => {
      for (const mode of [EVALUATING, TRAINING]) {
        const tokens = ids(model, { batch: 3 });
        const expected = meanCrossEntropy(
          logits(model, weights.view(), tokens, mode),
          tokens,
          vocabularySize,
        );
        const found = loss(model, weights.view(), tokens, mode);
        if (Math.abs(found - expected) > 1e-4 * Math.max(1, expected)) {
          broken(`loss is ${found}, and the logits have a mean cross-entropy of ${expected} nats`);
        }
      }
    });
  },
};

/** In 64 bits, from the definition. */
function meanCrossEntropy(logits: Float32Array, { labels }: Ids, vocabularySize: number): number {
  let sum = 0;
  labels.forEach((label, position) => {
    const row = logits.subarray(position * vocabularySize, (position + 1) * vocabularySize);
    const largest = Math.max(...row);
    const total = row.reduce((all, value) => all + Math.exp(value - largest), 0);
    sum += Math.log(total) + largest - row[label]!;
  });
  return sum / labels.length;
}

const gradients: RuleSpec<ModelSubject> = {
  id: 'gradients',
  must: 'the gradient of the loss by every parameter agrees with differences of the loss',
  why: 'A gradient that is wrong or missing still trains, only worse: nothing else shows it',
  mend: 'Compare each custom gradient with its derivative; register gradients of the kernels that are used (tfjs-core brings none of its own)',
  check: async (subject) => {
    await subject.withWeights((model, weights) => {
      const tokens = subject.ids(model);
      const found = gradientsOf(subject, model, weights, tokens);
      const values = weights.values();
      weights.weights.forEach(({ name }, index) => {
        const gradient = found[index]!;
        for (const direction of directionsOf(gradient, index)) {
          const along = (step: number): number => {
            const moved = values.map((one, at) =>
              at === index ? one.map((value, place) => value + step * direction[place]!) : one,
            );
            return lossAt(subject, model, moved, tokens);
          };
          const measured = slope(along);
          const claimed = dot(gradient, direction);
          if (Math.abs(measured - claimed) > tolerance(gradient)) {
            broken(
              `along a direction of "${name}" the loss has the slope ${digits(measured)}, its gradient says ${digits(claimed)}`,
            );
          }
        }
      });
    });
  },
};

/** Steps of the differences: small beside weights of about 0.2, large beside the rounding of a float32 loss. */
const STEP = 0.02;

/** Central differences of two widths, extrapolated (Richardson): the error is of the fourth order in the step. */
function slope(along: (step: number) => number): number {
  const central = (step: number): number => (along(step) - along(-step)) / (2 * step);
  return (4 * central(STEP / 2) - central(STEP)) / 3;
}

/** Rounding of a loss of a few nats, and half a hundredth of the gradient: GPT-2 stays below a twentieth of it. */
const tolerance = (gradient: Float32Array): number => 5e-5 + 0.005 * norm(gradient);

/** Along the gradient itself, which shows a wrong size, and across every value, which shows what is missing. */
function directionsOf(gradient: Float32Array, index: number): Float32Array[] {
  const random = createRandomStream(index, 'direction');
  const signs = gradient.map(() => (random.uniform() < 0.5 ? -1 : 1));
  return [gradient, signs].flatMap((one) => {
    const length = norm(one);
    return length === 0 ? [] : [one.map((value) => value / length)];
  });
}

const dot = (one: Float32Array, other: Float32Array): number =>
  one.reduce((sum, value, index) => sum + value * other[index]!, 0);
const norm = (values: Float32Array): number => Math.sqrt(dot(values, values));
const digits = (value: number): string => value.toPrecision(4);

function lossAt(
  { loss }: ModelSubject,
  model: Model,
  values: readonly Float32Array[],
  tokens: Ids,
  tieMap?: readonly number[],
): number {
  const weights = new WeightSet(model, 0, 'spread', values);
  try {
    return loss(model, weights.view(undefined, tieMap), tokens, TRAINING);
  } finally {
    weights.dispose();
  }
}

/** @throws Finding (of `gradients`) when tfjs cannot compute one */
function gradientsOf(
  { calls }: ModelSubject,
  model: Model,
  weights: WeightSet,
  tokens: Ids,
  tieMap?: readonly number[],
): Float32Array[] {
  const [inputs, labels] = [inputsOf(tokens), labelsOf(tokens)];
  const used = weights.weights.map(
    ({ layer }) => layer === null || tieMap === undefined || tieMap[layer] === layer,
  );
  const leaves = weights.tensors.filter((_, index) => used[index]);
  const lossOf = (...given: Tensor[]): tf.Scalar => {
    let next = 0;
    const tensors = weights.tensors.map((tensor, index) => (used[index] ? given[next++]! : tensor));
    return model.loss(weights.view(tensors, tieMap), inputs, labels, TRAINING);
  };
  try {
    return calls.now(
      'the gradient of the loss',
      () => {
        const { value, grads } = tf.valueAndGrads(lossOf)([...leaves]);
        const numbers = grads.map((gradient) => gradient.dataSync().slice() as Float32Array);
        tf.dispose([value, ...grads]);
        return numbers;
      },
      'gradients',
    );
  } finally {
    tf.dispose([inputs, labels]);
  }
}

const tying: RuleSpec<ModelSubject> = {
  id: 'tying',
  must: 'a layer that is given the block of another computes with it, and a shared block has the gradients of all its uses',
  why: 'Which layer uses which block is all that a controller decides; a model that goes round the view is never tied',
  mend: 'Ask view.block(layer, name) in every forward pass, and use the tensor that it gives',
  check: async (subject) => {
    await subject.withWeights(
      (model, weights) => {
        const { ids, logits } = subject;
        const tokens = ids(model);
        const tieMap = [0, 1, 0];
        const values = weights.values();
        const copied = weights.weights.map(({ layer, spec }, index) => {
          const owner = layer === null ? layer : tieMap[layer]!;
          return (
            values[weights.weights.findIndex((one) => one.layer === owner && one.spec === spec)] ??
            values[index]!
          );
        });
        const copies = new WeightSet(model, 0, 'spread', copied);
        const tied = logits(model, weights.view(undefined, tieMap), tokens);
        const equal = logits(model, copies.view(), tokens);
        const far = tied.findIndex((value, index) => Math.abs(value - equal[index]!) > 1e-5);
        if (far >= 0)
          broken(
            `with layer 2 tied to layer 0 a logit is ${tied[far]}; with a copy of the block it is ${equal[far]}`,
          );
        const alone = gradientsOf(subject, model, copies, tokens);
        const shared = gradientsOf(subject, model, weights, tokens, tieMap);
        copies.dispose();
        const owners = weights.weights.flatMap((weight, index) =>
          weight.layer === 2 ? [] : [{ weight, index }],
        );
        owners.forEach(({ weight, index }, place) => {
          const use = weights.weights.findIndex(({ layer, spec }) => layer === 2 && spec === weight.spec);
          const sum = alone[index]!.map((value, at) => value + (weight.layer === 0 ? alone[use]![at]! : 0));
          const apart = norm(sum.map((value, at) => value - shared[place]![at]!));
          if (apart > 1e-4 + 1e-3 * norm(sum)) {
            broken(`the gradient of "${weight.name}" is ${digits(apart)} away from the sum over its uses`);
          }
        });
      },
      { over: { layers: 3 } },
    );
  },
};

const dropoutSeeded: RuleSpec<ModelSubject> = {
  id: 'dropout-seeded',
  must: 'dropout is refused, or it is drawn from mode.dropoutSeed while training and is off while evaluating',
  why: 'A dropout that is silently ignored, or not seeded, makes a run something else than its configuration says',
  mend: 'Draw one seed for each mask from mode.dropoutSeed(); where the model has none, let the schema refuse dropout above 0',
  check: async (subject) => {
    const { withWeights, ids, logits, loss } = subject;
    const over = { dropout: 0.5 };
    try {
      await subject.make(over);
    } catch (error) {
      if (error instanceof Finding) return `it refuses dropout: ${error.found}`;
      throw error;
    }
    const plain = await withWeights((model, weights) => ({
      logits: logits(model, weights.view(), ids(model)),
      loss: loss(model, weights.view(), ids(model), TRAINING),
    }));
    return withWeights(
      (model, weights) => {
        const trained = (seed: number): number => {
          let next = seed;
          return loss(model, weights.view(), ids(model), { training: true, dropoutSeed: () => (next += 1) });
        };
        const [one, again, other] = [trained(1), trained(1), trained(1000)];
        if (one !== again) broken(`with equal seeds the loss is ${one} and then ${again}`);
        if (one === plain.loss) broken('with a dropout of 0.5 the training loss is what it is without');
        if (one === other) broken(`with other seeds the loss stays ${one}`);
        const evaluated = logits(model, weights.view(), ids(model));
        if (evaluated.some((value, index) => Math.abs(value - plain.logits[index]!) > 1e-5)) {
          broken('while evaluating, the logits are not those of the model without dropout');
        }
      },
      { over },
    );
  },
};

const tensorsReleased: RuleSpec<ModelSubject> = {
  id: 'tensors-released',
  must: 'logits, loss and gradients leave nothing behind but their result',
  why: 'A step is taken thousands of times: one tensor a step fills the memory of a long run',
  mend: 'Wrap the forward pass in tf.tidy, and dispose what custom gradients make',
  check: async (subject) => {
    const { withWeights, ids, calls } = subject;
    await withWeights((model, weights) => {
      const tokens = ids(model);
      // Twice: what is made once and kept, such as a constant, is no leak.
      for (const first of [true, false]) {
        const [inputs, labels] = [inputsOf(tokens), labelsOf(tokens)];
        const before = countTensors();
        calls.now('logits', () => model.logits(weights.view(), inputs, EVALUATING).dispose());
        const afterLogits = countTensors();
        calls.now('loss', () => model.loss(weights.view(), inputs, labels, TRAINING).dispose());
        const afterLoss = countTensors();
        gradientsOf(subject, model, weights, tokens);
        const left = {
          logits: afterLogits - before,
          loss: afterLoss - afterLogits,
          gradients: countTensors() - afterLoss,
        };
        tf.dispose([inputs, labels]);
        const leak = Object.entries(left).find(([, count]) => count > 0);
        if (leak && !first)
          broken(`${leak[0]} left ${leak[1]} ${leak[1] === 1 ? 'tensor' : 'tensors'} behind`);
      }
    });
  },
};

export const lossRules: readonly RuleSpec<ModelSubject>[] = [
  lossConsistent,
  gradients,
  tying,
  dropoutSeeded,
  tensorsReleased,
];

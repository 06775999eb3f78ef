/** What a task makes of outputs: a loss that is the mean of its scores, over the targets that count. */
import { createRandomStream } from '@ligature/core';
import type { Batch, Prepared, Projection, Task } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { broken } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference } from '../harness/show.js';
import { digits, directionsOf, dot, slope, tolerance } from '../harness/slopes.js';
import { countingReads, countTensors } from '../harness/tensors.js';
import { evaluationOf, withTensors, type Numbers, type TaskSubject } from './subject.js';

type TaskRule = RuleSpec<TaskSubject>;

/** Some training batches and the last one of an evaluation, which may be smaller. */
async function withBatches(
  subject: TaskSubject,
  use: (given: { task: Task; prepared: Prepared; batch: Batch; numbers: Numbers }) => void,
): Promise<void> {
  const { task, prepared } = await subject.shared();
  const source = prepared.batches(subject.shape, createRandomStream(3, 'data-order'));
  const { batches } = evaluationOf(prepared, 'test', subject.shape);
  for (const batch of [source.next(), source.next(), batches.at(-1)!]) {
    use({ task, prepared, batch, numbers: subject.projection(prepared, batch) });
  }
}

const scoreForm: TaskRule = {
  id: 'score-form',
  must: 'score gives one row for each name in `scores` and one column for each target, float32 and finite',
  why: 'Metrics find their columns by these names',
  mend: 'Stack the rows in the order of `scores`; give the check `targets` where targets are neither rows nor `labels`',
  check: (subject) =>
    withBatches(subject, ({ task, batch, numbers }) => {
      const { columns } = subject.score(task, batch, numbers);
      for (const [name, values] of Object.entries(columns)) {
        const bad = values.find((value) => !Number.isFinite(value));
        if (bad !== undefined) broken(`a score "${name}" is ${bad}`);
      }
    }),
};

const weightHonest: TaskRule = {
  id: 'weight-honest',
  must: 'a batch weighs as many targets as have a loss; those that do not count are 0 in every row',
  why: 'Means are taken over the weight: one that counts padding makes every result look better',
  mend: 'Count the labels that are not ignored, and multiply every row by the mask',
  check: (subject) =>
    withBatches(subject, ({ task, batch, numbers }) => {
      const { columns } = subject.score(task, batch, numbers);
      const losses = columns[task.scores[0]!]!;
      const counted = losses.filter((loss) => loss !== 0).length;
      if (counted !== batch.weight)
        broken(`${counted} of ${losses.length} targets have a loss, and the batch weighs ${batch.weight}`);
      for (const [name, values] of Object.entries(columns)) {
        const at = values.findIndex((value, target) => value !== 0 && losses[target] === 0);
        if (at >= 0) broken(`target ${at} does not count, and its "${name}" is ${values[at]}`);
      }
    }),
};

const lossConsistent: TaskRule = {
  id: 'loss-consistent',
  must: 'loss is the mean of the first row of scores over the targets that count',
  why: 'Training lowers the one and evaluation reports the other',
  mend: 'Divide the sum of losses by the number of targets that are not ignored',
  check: (subject) =>
    withBatches(subject, ({ task, batch, numbers }) => {
      const { columns } = subject.score(task, batch, numbers);
      const expected = columns[task.scores[0]!]!.reduce((sum, loss) => sum + loss, 0) / batch.weight;
      const found = subject.loss(task, batch, numbers);
      if (Math.abs(found - expected) > 1e-4 * Math.max(1, Math.abs(expected)))
        broken(`loss is ${found}, and its scores have a mean of ${expected}`);
    }),
};

const PARTS = ['features', 'weight', 'bias'] as const;

const gradients: TaskRule = {
  id: 'gradients',
  must: 'the gradient of the loss by features, weight and bias agrees with differences; targets that do not count have none',
  why: 'A gradient that is wrong or missing still trains, only worse: nothing else shows it',
  mend: 'Use a loss of @ligature/nn, or compare your own gradient with its derivative',
  check: (subject) =>
    withBatches(subject, ({ task, batch, numbers }) => {
      const found = gradientsOf(subject, task, batch, numbers);
      PARTS.forEach((part, index) => {
        const gradient = found[part];
        for (const direction of directionsOf(gradient, index)) {
          const measured = slope((step) => {
            const moved = numbers[part].map((value, at) => value + step * direction[at]!);
            return subject.loss(task, batch, { ...numbers, [part]: moved });
          });
          const claimed = dot(gradient, direction);
          // Central differences of a float32 loss: its rounding, over steps of a hundredth.
          const allowed = tolerance(gradient) + 2e-4 * Math.max(1, subject.loss(task, batch, numbers));
          if (!(Math.abs(measured - claimed) <= allowed))
            broken(
              `along a direction of the ${part} the loss has the slope ${digits(measured)}, its gradient says ${digits(claimed)}`,
            );
        }
      });
      const losses = subject.score(task, batch, numbers).columns[task.scores[0]!]!;
      const width = found.features.length / numbers.targets;
      losses.forEach((loss, target) => {
        const row = found.features.subarray(target * width, (target + 1) * width);
        if (loss === 0 && row.some((value) => value !== 0))
          broken(`target ${target} does not count, and has a gradient`);
      });
    }),
};

/** @throws Finding (of `gradients`) */
function gradientsOf(
  { calls }: TaskSubject,
  task: Task,
  batch: Batch,
  numbers: Numbers,
): Record<(typeof PARTS)[number], Float32Array> {
  return withTensors(batch, numbers, ({ features, weight, bias }, fields) =>
    calls.now(
      'the gradient of the loss',
      () => {
        const lossBy = (...parts: Tensor[]): tf.Scalar => {
          const [f, w, b] = parts as [Tensor2D, Tensor2D, Tensor1D];
          return task.loss({ features: f, weight: w, bias: b }, fields);
        };
        const { grads } = tf.valueAndGrads(lossBy)([features, weight, bias!]);
        const [f, w, b] = grads.map((gradient) => gradient.dataSync().slice() as Float32Array);
        return { features: f!, weight: w!, bias: b! };
      },
      'gradients',
    ),
  );
}

const inputsUntouched: TaskRule = {
  id: 'inputs-untouched',
  must: 'outputs and batch are neither changed nor disposed',
  why: 'They belong to whoever takes the step, and weights to the registry',
  mend: 'Use tf.tidy for what is computed on the way, and dispose nothing that was given',
  check: (subject) =>
    withBatches(subject, ({ task, batch, numbers }) =>
      withTensors(batch, numbers, (projection, fields) => {
        const given: Record<string, Tensor> = { ...(projection as Required<Projection>), ...fields };
        const before = Object.values(given).map((tensor) => Array.from(tensor.dataSync()));
        subject.calls.now('loss and score', () => {
          task.loss(projection, fields);
          task.score(projection, fields);
        });
        Object.entries(given).forEach(([name, tensor], at) => {
          if (tensor.isDisposed) broken(`it disposed "${name}"`);
          const found = difference(before[at], Array.from(tensor.dataSync()), ['before', 'after']);
          if (found !== undefined) broken(`"${name}", value ${found}`);
        });
      }),
    ),
};

const noReadBack: TaskRule = {
  id: 'no-read-back',
  must: 'loss and score read no tensor back',
  why: 'A backend that compiles a whole step, or answers asynchronously, has no values yet',
  mend: 'Compute with tensors throughout; count with tf.sum of a mask',
  check: (subject) =>
    withBatches(subject, ({ task, batch, numbers }) =>
      withTensors(batch, numbers, (projection, fields) => {
        const reads = countingReads(() =>
          subject.calls.now('loss and score', () => {
            task.loss(projection, fields);
            task.score(projection, fields);
          }),
        );
        if (reads > 0) broken(`it read ${reads} ${reads === 1 ? 'tensor' : 'tensors'} back`);
      }),
    ),
};

const tensorsReleased: TaskRule = {
  id: 'tensors-released',
  must: 'preparing leaves no tensor behind, and loss and score none that tf.tidy around them does not free',
  why: 'A step is taken thousands of times: one tensor a step fills the memory of a long run',
  mend: 'Use tf.keep for nothing, and hold data as typed arrays',
  check: async (subject) => {
    const start = countTensors();
    await subject.prepare(await subject.make());
    const kept = countTensors() - start;
    if (kept > 0) broken(`preparing left ${kept} ${kept === 1 ? 'tensor' : 'tensors'} behind`);
    let first = true;
    await withBatches(subject, ({ task, batch, numbers }) => {
      const before = countTensors();
      subject.loss(task, batch, numbers);
      subject.score(task, batch, numbers);
      const left = countTensors() - before;
      // What is made once and kept, such as a constant, is no leak.
      if (left > 0 && !first)
        broken(`loss and score left ${left} ${left === 1 ? 'tensor' : 'tensors'} behind`);
      first = false;
    });
  },
};

export const lossRules: readonly TaskRule[] = [
  scoreForm,
  weightHonest,
  lossConsistent,
  gradients,
  inputsUntouched,
  noReadBack,
  tensorsReleased,
];

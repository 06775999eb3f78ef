/** Model, head, task and adapters as one function: what is asked of whom, in which order, and what it costs. */
import '@tensorflow/tfjs-backend-cpu';
import type { Adapter, Head, Model, ModelCost, ParameterSpec, ParameterView, Task } from '@ligature/core';
import { createCausalLm } from '@ligature/tasks';
import { createGpt2 } from '@ligature/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { createObjective, headOf } from '../src/index.js';

const spec = (name: string, more: Partial<ParameterSpec> = {}): ParameterSpec => ({
  name,
  shape: [1, 1],
  initializer: { kind: 'constant', value: 0 },
  sharing: 'block',
  ...more,
});

/** Its states are the inputs times the weight of its only layer. */
const model: Model = {
  name: 'line',
  layers: 1,
  width: 1,
  stochastic: false,
  parameters: [spec('weight')],
  blockParameterName: (layer, name) => `h.${layer}.${name}`,
  heads: { 'causal-lm': () => head, regression: () => head },
  encode: (view, { inputs }) => ({
    rows: tf.mul(inputs as Tensor2D, view.block(0, 'weight')),
    batch: inputs!.shape[0]!,
    time: 1,
  }),
  cost: ({ inputs }) => ({
    weightFlops: { weight: 2 * inputs![0]!, shared: 10 },
    layerActivationFlops: 3,
    layerActivationBytes: 4,
    globalActivationBytes: 5,
  }),
};

const head: Head = {
  outputs: 1,
  parameters: [spec('out', { sharing: 'global' })],
  project: (view, { rows }) => ({ features: rows, weight: view.global('out') as Tensor2D }),
  cost: () => ({ weightFlops: { out: 7, shared: 1 }, activationBytes: 6 }),
};

/** The loss is the sum of the outputs. */
const task: Pick<Task, 'loss' | 'score' | 'scores'> = {
  scores: ['output', 'twice'],
  loss: ({ features, weight }) => tf.sum(tf.matMul(features, weight, false, true)) as Scalar,
  score: ({ features, weight }) => {
    const outputs = tf.reshape(tf.matMul(features, weight, false, true), [-1]);
    return tf.stack([outputs, tf.mul(outputs, 2)]) as Tensor2D;
  },
};

/** weight 3, out 2. */
function withView<T>(use: (view: ParameterView) => T): T {
  const values = { weight: tf.tensor2d([[3]]), out: tf.tensor2d([[2]]) };
  const get = (name: string) => values[name as keyof typeof values];
  try {
    return use({ global: get, block: (_layer, name) => get(name) });
  } finally {
    tf.dispose(values);
  }
}

/** Lets the model read `of(weight)` where the registry has the weight. */
const changing = (name: string, of: (weight: tf.Tensor) => tf.Tensor, flops: number): Adapter => ({
  name,
  wrap: (specs) => ({
    parameters: [...specs.map((one) => ({ ...one, trainable: false })), spec(`${name}.a`)],
    view: (inner) => ({
      global: (wanted) => inner.global(wanted),
      block: (layer, wanted) => of(inner.block(layer, wanted)),
    }),
    cost: (cost): ModelCost => ({ ...cost, layerActivationFlops: cost.layerActivationFlops * 10 + flops }),
  }),
});
const twice = changing('twice', (weight) => tf.mul(weight, 2), 1);
const plusOne = changing('plus-one', (weight) => tf.add(weight, 1), 2);

describe('headOf', () => {
  it('is the head of the kind, for the outputs that the task has', () => {
    const gpt2 = createGpt2({ layers: 1, width: 4, heads: 1, context: 4, vocabularySize: 9 });
    expect(headOf(gpt2, { kind: 'causal-lm', outputs: 9 }).outputs).toBe(9);
    expect(headOf(gpt2, { kind: 'sequence-classification', outputs: 3 }).outputs).toBe(3);
  });

  it.each(['image-classification', 'toString'])('refuses %s naming the heads that there are', (kind) => {
    expect(() => headOf(model, { kind, outputs: 2 })).toThrow(
      expect.objectContaining({
        name: 'InputError',
        code: 'head-missing',
        message: expect.stringMatching(/"line".*it has causal-lm, regression/s) as string,
      }),
    );
  });

  it('says so where there is no head at all', () => {
    expect(() => headOf({ ...model, heads: {} }, { kind: 'causal-lm', outputs: 2 })).toThrow(/no heads/);
  });
});

describe('an objective', () => {
  const objective = createObjective({ model, head, task });
  const fields = (): { inputs: Tensor2D } => ({ inputs: tf.tensor2d([[1], [10]]) });

  it('has the parameters of model and head, and is stochastic where one of them is', () => {
    expect(objective).toMatchObject({ name: 'line', layers: 1, stochastic: false });
    expect(objective.scores).toEqual(['output', 'twice']);
    expect(objective.parameters.map(({ name }) => name)).toEqual(['weight', 'out']);
    expect(objective.blockParameterName(0, 'weight')).toBe('h.0.weight');
    const moved = { ...model, stochastic: true };
    expect(createObjective({ model: moved, head, task }).stochastic).toBe(true);
    expect(createObjective({ model, head: { ...head, stochastic: true }, task }).stochastic).toBe(true);
  });

  it('loses and scores as the task says of what the head makes of the states, and leaves nothing', () => {
    const before = tf.memory().numTensors;
    const inputs = fields();
    withView((view) => {
      const loss = objective.loss(view, inputs, { training: true });
      const score = objective.score(view, inputs);
      expect(loss.dataSync()).toEqual(Float32Array.of(66));
      expect(score.arraySync()).toEqual([
        [6, 60],
        [12, 120],
      ]);
      tf.dispose([loss, score]);
    });
    tf.dispose(inputs);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('trains in training mode only when it is asked to, and never while it scores', () => {
    const modes: boolean[] = [];
    const asked: Model = {
      ...model,
      encode: (view, batch, mode) => {
        modes.push(mode.training);
        return model.encode(view, batch, mode);
      },
    };
    const watched = createObjective({ model: asked, head, task });
    tf.tidy(() =>
      withView((view) => {
        watched.loss(view, fields(), { training: true });
        watched.loss(view, fields(), { training: false });
        watched.score(view, fields());
      }),
    );
    expect(modes).toEqual([true, false, false]);
  });

  it('shows what leaves the layers where the model does, through the adapters', () => {
    expect(objective.hidden).toBeUndefined();
    const showing: Model = {
      ...model,
      hidden: (view, { inputs }) => [tf.mul(inputs as Tensor2D, view.block(0, 'weight'))],
    };
    const adapted = createObjective({ model: showing, head, task, adapters: [twice] });
    tf.tidy(() => {
      const [shown] = withView((view) => adapted.hidden!(view, fields()));
      expect(shown!.arraySync()).toEqual([[6], [60]]);
    });
  });

  it('counts a weight that model and head multiply with twice, and the bytes of both', () => {
    expect(objective.cost({ inputs: [4, 1] })).toEqual({
      weightFlops: { weight: 8, out: 7, shared: 11 },
      layerActivationFlops: 3,
      layerActivationBytes: 4,
      globalActivationBytes: 11,
    });
  });

  it('counts the tied head of GPT-2 on its embedding', () => {
    const gpt2 = createGpt2({ layers: 2, width: 4, heads: 1, context: 4, vocabularySize: 9 });
    const kind = headOf(gpt2, { kind: 'causal-lm', outputs: 9 });
    const shape = { inputs: [3, 4], labels: [3, 4] };
    const { weightFlops } = createObjective({ model: gpt2, head: kind, task: createCausalLm() }).cost(shape);
    // 12 positions, 9 products of 4 multiply-adds each.
    expect(weightFlops['transformer.wte.weight']).toBe(2 * 12 * 9 * 4);
    expect(weightFlops['attn.c_attn.weight']).toBe(2 * 12 * 4 * 12);
  });
});

describe('adapters', () => {
  const adapted = createObjective({ model, head, task, adapters: [twice, plusOne] });

  it('compose from the inside out: the outer one changes what the inner one reads', () => {
    tf.tidy(() =>
      withView((view) => {
        const inputs = { inputs: tf.tensor2d([[1]]) };
        // out 2, and 2 (3 + 1) where the other order would give 2 * 3 + 1.
        expect(adapted.loss(view, inputs, { training: true }).dataSync()[0]).toBe(16);
        expect(adapted.score(view, inputs).arraySync()).toEqual([[16], [32]]);
      }),
    );
  });

  it('add parameters one after the other, each seeing those of the ones inside of it', () => {
    expect(adapted.parameters.map(({ name, trainable = true }) => [name, trainable])).toEqual([
      ['weight', false],
      ['out', false],
      ['twice.a', false],
      ['plus-one.a', true],
    ]);
  });

  it('add their costs in the same order; one that says none adds none', () => {
    expect(adapted.cost({ inputs: [1, 1] }).layerActivationFlops).toBe((3 * 10 + 1) * 10 + 2);
    const free: Adapter = {
      name: 'free',
      wrap: (specs) => {
        const { cost: _, ...rest } = twice.wrap(specs);
        return rest;
      },
    };
    const shape = { inputs: [1, 1] };
    const plain = createObjective({ model, head, task }).cost(shape);
    expect(createObjective({ model, head, task, adapters: [free] }).cost(shape)).toEqual(plain);
  });

  it('wrap once, whatever is asked of the objective after that', () => {
    let wrapped = 0;
    const counted: Adapter = {
      name: 'counted',
      wrap: (specs) => {
        wrapped += 1;
        return twice.wrap(specs);
      },
    };
    const objective = createObjective({ model, head, task, adapters: [counted] });
    tf.tidy(() =>
      withView((view) => {
        const inputs = { inputs: tf.tensor2d([[1]]) };
        objective.loss(view, inputs, { training: true });
        objective.score(view, inputs);
      }),
    );
    objective.cost({ inputs: [1, 1] });
    expect(objective.parameters).toHaveLength(3);
    expect(wrapped).toBe(1);
  });
});

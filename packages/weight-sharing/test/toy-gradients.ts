/** The gradients that the toy model needs: in Node, tfjs-core comes without any. Formulas of the shapes used only. */
import * as tf from '@tensorflow/tfjs-core';

type Operands = [tf.Tensor, tf.Tensor];

/** Sums over the leading axes that a vector was broadcast along. */
const sumTo = (dy: tf.Tensor, shape: number[]): tf.Tensor =>
  dy.rank === shape.length ? tf.clone(dy) : tf.sum(dy, 0);

const gradients: tf.GradConfig[] = [
  {
    kernelName: tf.BatchMatMul,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved, attributes) => {
      const [a, b] = saved as Operands;
      const { transposeB } = attributes as unknown as tf.BatchMatMulAttrs;
      const d = dy as tf.Tensor;
      return {
        a: () => tf.matMul(d, b, false, !transposeB),
        b: () => (transposeB ? tf.matMul(d, a, true, false) : tf.matMul(a, d, true, false)),
      };
    },
  },
  {
    kernelName: tf.Add,
    gradFunc: (dy) => ({ a: () => tf.clone(dy as tf.Tensor), b: () => tf.clone(dy as tf.Tensor) }),
  },
  {
    kernelName: tf.Multiply,
    inputsToSave: ['a', 'b'],
    gradFunc: (dy, saved) => {
      const [a, b] = saved as Operands;
      const d = dy as tf.Tensor;
      return { a: () => sumTo(tf.mul(d, b), a.shape), b: () => sumTo(tf.mul(d, a), b.shape) };
    },
  },
  {
    kernelName: tf.Tanh,
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({
      x: () => tf.mul(tf.sub(1, tf.square(y as tf.Tensor)), dy as tf.Tensor),
    }),
  },
  {
    kernelName: tf.Reshape,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => tf.reshape(dy as tf.Tensor, (x as tf.Tensor).shape) }),
  },
  {
    kernelName: tf.LogSoftmax,
    outputsToSave: [true],
    gradFunc: (dy, [y]) => {
      const d = dy as tf.Tensor;
      return { logits: () => tf.sub(d, tf.mul(tf.sum(d, -1, true), tf.exp(y as tf.Tensor))) };
    },
  },
  {
    kernelName: tf.Sum,
    inputsToSave: ['x'],
    gradFunc: (dy, [x]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.onesLike(x as tf.Tensor)) }),
  },
];

export function registerToyGradients(): void {
  for (const one of gradients) if (!tf.getGradient(one.kernelName)) tf.registerGradient(one);
}

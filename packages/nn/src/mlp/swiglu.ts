/**
 * The gated MLP of LLaMA (Shazeer 2020, arXiv 2002.05202): silu(x gateᵀ) * (x upᵀ), times downᵀ, silu(z) = z sigmoid(z).
 * A backend with a kernel for the whole of it keeps only what precedes the gating for its gradient.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import { fusedKernel } from '../backend/fused-kernel.js';
import { withGradient } from '../gradient/custom-gradient.js';
import { linear, plusBias } from '../linear.js';

/** Rows are outputs, as PyTorch stores them. */
export interface SwigluWeights {
  /** [inner, width] */
  readonly gate: Tensor2D;
  /** [inner, width] */
  readonly up: Tensor2D;
  /** [width, inner] */
  readonly down: Tensor2D;
  /** All three or none: [inner], [inner], [width]. */
  readonly biases?: { readonly gate: Tensor1D; readonly up: Tensor1D; readonly down: Tensor1D };
}

/** x [rows, width] -> [rows, width] */
export function swiglu(x: Tensor2D, { gate, up, down, biases }: SwigluWeights): Tensor2D {
  const fused = fusedKernel('FusedSwiglu');
  if (!fused || biases) {
    const [gates, values] = [linear(x, gate, biases?.gate, 'outputs'), linear(x, up, biases?.up, 'outputs')];
    const inner = gated(gates, values);
    const product: Tensor2D = tf.matMul(inner, down, false, true);
    return biases ? plusBias(product, biases.down) : product;
  }
  return withGradient<Tensor2D>([x, gate, up, down], (save) => {
    const [value, ...inner] = fused({ x, gate, up, down }) as [Tensor2D, ...Tensor[]];
    save([x, gate, up, down, ...inner]);
    return {
      value,
      // The gradients of weights that nobody trains are recorded and never computed.
      gradient: (dy, [x, gate, up, down, ...inner]) =>
        fusedKernel('FusedSwigluGrad')!(
          {
            ...{ dy, x: x!, gate: gate!, up: up!, down: down! },
            ...Object.fromEntries(inner.map((t, i) => [`inner${i}`, t])),
          },
          { blocks: inner.length / 2 },
        ),
    };
  });
}

/** silu(gates) * values, elementwise, [rows, inner] each. */
function gated(gates: Tensor2D, values: Tensor2D): Tensor2D {
  return withGradient<Tensor2D>([gates, values], (save) => {
    const open = tf.sigmoid(gates);
    const silu = tf.mul(gates, open);
    save([gates, values, open]);
    return {
      value: tf.mul(silu, values),
      gradient: (dy, [gates, values, open]) => {
        // d(z s)/dz = s + z s (1 - s), and z s is computed anew instead of kept.
        const silu = tf.mul(gates!, open!);
        const slope = tf.add(open!, tf.mul(silu, tf.sub(1, open!)));
        return [tf.mul(tf.mul(dy, values!), slope), tf.mul(dy, silu)];
      },
    };
  });
}

/**
 * The MLP of a transformer layer. A backend with a kernel for the whole of it keeps only what precedes the activation
 * function for its gradient.
 */
import type { Tensor1D, Tensor2D, Tensor } from '@tensorflow/tfjs-core';
import { withGradient } from '../gradient/custom-gradient.js';
import { fusedKernel } from '../backend/fused-kernel.js';
import { gelu } from './gelu.js';
import type { Activation } from './gelu.js';
import { linear } from '../linear.js';
import type { MatrixRows } from '../linear.js';

export interface MlpWeights {
  /** [width, inner]; [inner, width] where rows are outputs */
  readonly input: Tensor2D;
  /** [inner] */
  readonly inputBias: Tensor1D;
  /** [inner, width]; [width, inner] where rows are outputs */
  readonly output: Tensor2D;
  /** [width] */
  readonly outputBias: Tensor1D;
}

/** x [rows, width] -> gelu(x input + inputBias) output + outputBias, [rows, width]. */
export function mlp(
  x: Tensor2D,
  weights: MlpWeights,
  kind: Activation,
  matrix: MatrixRows = 'inputs',
): Tensor2D {
  const { input, inputBias, output, outputBias } = weights;
  const fused = fusedKernel('FusedMlp');
  if (!fused) {
    return linear(gelu(linear(x, input, inputBias, matrix), kind), output, outputBias, matrix);
  }
  return withGradient<Tensor2D>([x, input, inputBias, output, outputBias], (save) => {
    const [value, ...inner] = fused({ x, input, inputBias, output, outputBias }, { kind, matrix }) as [
      Tensor2D,
      ...Tensor[],
    ];
    save([x, input, output, ...inner]);
    return {
      value,
      // The gradients of weights that nobody trains are recorded and never computed.
      gradient: (dy, [x, input, output, ...inner]) =>
        fusedKernel('FusedMlpGrad')!(
          {
            dy,
            x: x!,
            input: input!,
            output: output!,
            ...Object.fromEntries(inner.map((t, i) => [`inner${i}`, t])),
          },
          { kind, matrix, blocks: inner.length },
        ),
    };
  });
}

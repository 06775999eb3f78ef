import * as tf from '@tensorflow/tfjs-core';
import type { TensorContainer } from '@tensorflow/tfjs-core';

export type Compiled<I extends TensorContainer, O extends TensorContainer> = ((inputs: I) => O) & {
  /** Lets go of what was traced, and of the tensors that it holds. It may be called again afterwards. */
  dispose(): void;
};

/** What a tfjs backend may offer: a pure function, traced once for each structure and replayed. */
interface CompilingBackend {
  compile<I extends TensorContainer, O extends TensorContainer>(f: (inputs: I) => O): Compiled<I, O>;
}

/**
 * A pure function of tensors, compiled where the current backend does that. Tensors that it takes from elsewhere are
 * constants of the trace.
 */
export function compiled<I extends TensorContainer, O extends TensorContainer>(
  f: (inputs: I) => O,
): Compiled<I, O> {
  let backend: unknown;
  let traced: Compiled<I, O> | undefined;
  const dispose = (): void => {
    traced?.dispose();
    traced = undefined;
    backend = undefined;
  };
  const call = (inputs: I): O => {
    const current = tf.backend() as Partial<CompilingBackend>;
    if (current !== backend) {
      dispose();
      backend = current;
      traced = current.compile?.(f);
    }
    return (traced ?? f)(inputs);
  };
  return Object.assign(call, { dispose });
}

import { engine } from '@tensorflow/tfjs-core';

/** Tensors that exist now. Unlike `tf.memory()` it needs no backend, which a plug-in without tensors has not. */
export const countTensors = (): number => engine().state.numTensors;

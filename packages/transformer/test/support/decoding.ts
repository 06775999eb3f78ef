/** What decoders are held to: the whole sequence run at once, on random models. */
import { createRandomStream } from '@ligature/core';
import type { Model, ParameterView } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { causalHead, ids, logitsOf, type LanguageModel } from './language-model.js';

/** Random weights for every layer, tied ones and those of the head `causal-lm` included; `weight` is the standard deviation. */
export function randomWeights(model: LanguageModel, seed: number, weight = 0.4): Map<string, tf.Tensor> {
  const stream = createRandomStream(seed, 'initialization');
  const make = ({ shape }: Model['parameters'][number]): tf.Tensor => {
    const size = shape.reduce((product, n) => product * n, 1);
    return tf.tensor(
      Float32Array.from({ length: size }, () => stream.normal(0, weight)),
      [...shape],
    );
  };
  return new Map(
    [...model.parameters, ...causalHead(model).parameters].flatMap((spec) =>
      spec.sharing === 'global'
        ? [[spec.name, make(spec)] as const]
        : Array.from(
            { length: model.layers },
            (_, layer) => [model.blockParameterName(layer, spec.name), make(spec)] as const,
          ),
    ),
  );
}

/** The last row of the logits of the whole sequence. */
export function lastOfAll(model: LanguageModel, view: ParameterView, all: readonly number[]): Float32Array {
  const logits = tf.tidy(() => logitsOf(model, view, ids([all])).dataSync()) as Float32Array;
  return logits.slice(-model.config.vocabularySize);
}

export function read(logits: tf.Tensor1D): Float32Array {
  try {
    return logits.dataSync() as Float32Array;
  } finally {
    logits.dispose();
  }
}

/** A GPT-2 with random weights as a language model, and the same without its decoder. */
import { createRandomStream } from '@ligature/core';
import type { ParameterView } from '@ligature/core';
import { createGpt2 } from '@ligature/transformer';
import type { Gpt2Config } from '@ligature/transformer';
import * as tf from '@tensorflow/tfjs-core';
import type { LanguageModel } from '../../../src/causal-lm/generation/generate.js';

export function gpt2(config: Gpt2Config): LanguageModel {
  const model = createGpt2(config);
  return { model, head: model.heads['causal-lm']!(config.vocabularySize) };
}

export function withoutDecoder({ model: { decoder: _, ...model }, head }: LanguageModel): LanguageModel {
  return { model, head };
}

/** Weights N(0, 0.4) for every layer that the tie map leaves independent; the caller calls `dispose`. */
export function randomView(
  { model }: LanguageModel,
  tieMap: readonly number[],
  seed: number,
): ParameterView & { dispose(): void } {
  const stream = createRandomStream(seed, 'initialization');
  const tensors = new Map<string, tf.Tensor>();
  for (const { name, shape, sharing } of model.parameters) {
    const size = shape.reduce((product, n) => product * n, 1);
    const names =
      sharing === 'global' ? [name] : tieMap.map((_, layer) => model.blockParameterName(layer, name));
    for (const full of names) {
      const values = Float32Array.from({ length: size }, () => stream.normal(0, 0.4));
      tensors.set(full, tf.tensor(values, [...shape]));
    }
  }
  return {
    global: (name) => tensors.get(name)!,
    block: (layer, name) => tensors.get(model.blockParameterName(tieMap[layer]!, name))!,
    dispose: () => tf.dispose([...tensors.values()]),
  };
}

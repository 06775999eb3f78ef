/** Heads that give every position the vocabulary. */
import type { Batch, Projection, TensorBatch } from '@ligature/core';
import { projectedCrossEntropy } from '@ligature/nn';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { HfCase } from '../case.js';
import { inputFields, integers, labelsOf } from '../fields.js';
import type { HfHead, HfHeads } from '../heads.js';

/** PyTorch's index of targets that do not count. */
const IGNORED = -100;

const vocabularySchema = z.looseObject({ vocab_size: z.int().positive() });

/** -> [rows, time] read where the prediction stands: `transformers` moves the labels inside of the model. */
function shifted(labels: readonly number[], time: number): number[] {
  return labels.map((_, at) => (at % time === time - 1 ? IGNORED : labels[at + 1]!));
}

function languageHead(kind: 'causal-lm' | 'masked-lm', given: HfCase): HfHead {
  const { shape, data } = labelsOf(given.expected, 'labels');
  const labels = kind === 'causal-lm' ? shifted(Array.from(data), shape.at(-1) ?? 1) : Array.from(data);
  const batch: Batch = {
    fields: { ...inputFields(given.expected), labels: integers(shape, labels) },
    weight: labels.filter((label) => label !== IGNORED).length,
  };
  return {
    spec: { kind, outputs: vocabularySchema.parse(given.config).vocab_size },
    batch,
    loss: languageLoss,
  };
}

function languageLoss(projection: Projection, { labels }: TensorBatch): Scalar {
  const flat: tf.Tensor1D = tf.reshape(labels as Tensor, [(labels as Tensor).size]); // [batch, time] -> [batch * time]
  return projectedCrossEntropy(projection, flat, { ignoreNegative: true });
}

export const languageHeads: HfHeads = {
  LMHeadModel: (given) => languageHead('causal-lm', given),
  ForCausalLM: (given) => languageHead('causal-lm', given),
  ForMaskedLM: (given) => languageHead('masked-lm', given),
};

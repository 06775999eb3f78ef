/** A model with its `causal-lm` head as what these tests ask it for: what the task of that name makes of it, in short. */
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor2D } from '@tensorflow/tfjs-core';
import type { Head, Mode, Model, ParameterView, Projection } from '@ligature/core';
import { labelScores, projectedCrossEntropy, projectedOutputs } from '@ligature/nn';

/** Any architecture that reads tokens. */
export type LanguageModel = Model &
  Required<Pick<Model, 'decoder' | 'hidden'>> & { readonly config: { readonly vocabularySize: number } };

export const causalHead = (model: LanguageModel): Head =>
  model.heads['causal-lm']!(model.config.vocabularySize);

function project(model: LanguageModel, view: ParameterView, inputs: Tensor2D, mode: Mode): Projection {
  const batch = { inputs };
  return causalHead(model).project(view, model.encode(view, batch, mode), batch, mode);
}

/** inputs [batch, time] int32 -> [batch * time, vocabulary] */
export const logitsOf = (
  model: LanguageModel,
  view: ParameterView,
  inputs: Tensor2D,
  mode: Mode = { training: false },
): Tensor2D => tf.tidy(() => projectedOutputs(project(model, view, inputs, mode)));

/** inputs and labels [batch, time] int32 -> mean cross-entropy in nats */
export const lossOf = (
  model: LanguageModel,
  view: ParameterView,
  inputs: Tensor2D,
  labels: Tensor2D,
  mode: Mode,
): Scalar =>
  tf.tidy(() => projectedCrossEntropy(project(model, view, inputs, mode), tf.reshape(labels, [labels.size])));

/** inputs and labels [batch, time] int32 -> [2, batch * time]: nats, and whether the label is the most likely token */
export const scoresOf = (
  model: LanguageModel,
  view: ParameterView,
  inputs: Tensor2D,
  labels: Tensor2D,
): Tensor2D =>
  tf.tidy(() =>
    labelScores(project(model, view, inputs, { training: false }), tf.reshape(labels, [labels.size])),
  );

/** Rows of token ids, [batch, time] int32. */
export const ids = (rows: readonly (readonly number[])[]): Tensor2D =>
  tf.tensor2d(rows as number[][], undefined, 'int32');

export const independent = (model: Model): number[] => [...Array(model.layers).keys()];

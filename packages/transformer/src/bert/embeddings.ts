/** Tokens, positions and segments, added up and normalized (Devlin et al. 2019, figure 2). */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { ParameterView } from '@ligature/core';
import { embedding, residual, takeRows } from '@ligature/nn';
import { norm } from '../named.js';
import type { ResolvedBertConfig } from './options.js';

export const WORDS = 'bert.embeddings.word_embeddings.weight';
export const POSITIONS = 'bert.embeddings.position_embeddings.weight';
export const TYPES = 'bert.embeddings.token_type_embeddings.weight';
export const NORM = 'bert.embeddings.LayerNorm';

/**
 * @param ids [batch, time] int32
 * @param types [batch, time] int32 in [0, typeVocabularySize), not checked; left out: every token is of segment 0
 * @returns [batch * time, width]
 */
export function bertEmbeddings(
  config: ResolvedBertConfig,
  view: ParameterView,
  ids: Tensor2D,
  types?: Tensor2D,
): Tensor2D {
  const [words, positions] = [view.global(WORDS), view.global(POSITIONS)] as [Tensor2D, Tensor2D];
  const placed = embedding(words, positions, ids, config.paddingToken);
  const flat = types ? tf.reshape(types, [ids.size]) : tf.zeros([ids.size], 'int32'); // [batch, time] -> [batch * time]
  const segments = takeRows(view.global(TYPES) as Tensor2D, flat as Tensor1D);
  return norm(residual(placed, segments), (name) => view.global(name), NORM, config.layerNormEpsilon);
}

/** One token, of segment 0 and without gradient: id [1] at position [1] -> [1, width] */
export function bertTokenEmbedding(
  config: ResolvedBertConfig,
  view: ParameterView,
  id: Tensor1D,
  position: Tensor1D,
): Tensor2D {
  const first = tf.slice(view.global(TYPES) as Tensor2D, [0, 0], [1, config.width]);
  const placed = tf.add(tf.gather(view.global(WORDS), id), tf.gather(view.global(POSITIONS), position));
  return norm(tf.add(placed, first), (name) => view.global(name), NORM, config.layerNormEpsilon);
}

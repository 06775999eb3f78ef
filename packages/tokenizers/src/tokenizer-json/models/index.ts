/** The models of a `tokenizer.json`. */
import { check } from '../component.js';
import { fieldOf, invalid, shown } from '../refuse.js';
import { bpe, bpeSchema } from './bpe.js';
import type { Model } from './model.js';
import { unigram, unigramSchema } from './unigram.js';
import { isObject } from './vocabulary.js';
import { wordLevel, wordLevelSchema } from './word-level.js';
import { wordPiece, wordPieceSchema } from './word-piece.js';

export const MODEL_TYPES = ['BPE', 'WordPiece', 'WordLevel', 'Unigram'] as const;
export type ModelType = (typeof MODEL_TYPES)[number];

/**
 * The type of a model. Early files name none: it is the first of those whose fields are there, in the order in
 * which Hugging Face's library tries them.
 *
 * @throws InputError that names `model.type`
 */
export function modelType(model: unknown): ModelType {
  if (!isObject(model)) return invalid('model', 'is no object');
  const { type } = model;
  if (type !== undefined) {
    const known = MODEL_TYPES.find((name) => name === type);
    return known ?? invalid('model.type', `is ${shown(type)}; there are ${MODEL_TYPES.join(', ')}`);
  }
  const { vocab, merges, unk_token: unknown } = model;
  if (isObject(vocab) && Array.isArray(merges)) return 'BPE';
  if (isObject(vocab) && typeof unknown === 'string') {
    const piecewise =
      typeof model['continuing_subword_prefix'] === 'string' &&
      typeof model['max_input_chars_per_word'] === 'number';
    return piecewise ? 'WordPiece' : 'WordLevel';
  }
  if (Array.isArray(vocab)) return 'Unigram';
  return invalid(
    'model.type',
    `is missing, and the fields of the model are those of none of ${MODEL_TYPES.join(', ')}`,
  );
}

/** @throws InputError that names the field */
export function buildModel(model: unknown): Model {
  const field = 'model';
  const type = modelType(model);
  switch (type) {
    case 'BPE':
      return bpe(check(bpeSchema, model, field), field);
    case 'WordPiece':
      return wordPiece(check(wordPieceSchema, model, field), field);
    case 'WordLevel':
      return wordLevel(check(wordLevelSchema, model, field), field);
    case 'Unigram':
      return unigram(check(unigramSchema, model, field), fieldOf('', field));
  }
}

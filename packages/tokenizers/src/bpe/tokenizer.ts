import type { Json, Tokenizer } from '@ligature/core';
import { loadTokenizerJson } from '../tokenizer-json/load.js';
import { trainBpe, type BpeOptions } from './train.js';

/** A byte-level BPE learnt from `text`; its `toJSON()` is a `tokenizer.json`. */
export function createBpeTokenizer(text: string, options: BpeOptions = {}): Tokenizer {
  return loadTokenizerJson(trainBpe(text, options), { name: 'bpe' });
}

/** The same tokenizer again from its `toJSON()`. @throws InputError (`tokenizer-json-invalid`). */
export function restoreBpeTokenizer(saved: Json): Tokenizer {
  return loadTokenizerJson(saved, { name: 'bpe' });
}

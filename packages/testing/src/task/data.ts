/** A text to learn from, and ids of its bytes: what a task is given where its author gives nothing. */
import { InputError } from '@ligature/core';
import type { Dataset, Json, SplitName, Tokenizer } from '@ligature/core';
import { TRAINING_TEXT } from '../tokenizer/corpus.js';

const TEXTS: Readonly<Record<SplitName, string>> = {
  train: TRAINING_TEXT.slice(0, 2400),
  validation: TRAINING_TEXT.slice(2400, 3111),
  test: TRAINING_TEXT.slice(3111, 3700),
};

/** @param changed a split that is another text of the same length */
export const smallDataset = (changed?: SplitName): Dataset => ({
  name: 'small',
  description: 'Sentences about whales, of the check itself',
  split: (name) => {
    const text = TEXTS[name];
    const shown = name === changed ? text.replaceAll('e', 'a') : text;
    return Promise.resolve({ text: shown, origin: 'derived' });
  },
});

const SAVED: Json = { kind: 'small-bytes' };

/** One id a byte; learns nothing. */
const bytes: Tokenizer = {
  name: 'small-bytes',
  vocabularySize: 256,
  bosId: 0,
  eosId: 0,
  encode: (text) => Int32Array.from(new TextEncoder().encode(text)),
  decode: (ids) => new TextDecoder().decode(Uint8Array.from(ids)),
  byteLength: (ids) => ids.length,
  toJSON: () => SAVED,
};

/** The tokenizer of the check, as a configuration would give it. @throws InputError for one that is another's */
export function smallTokenizer(_trainingText: string, saved?: Json): Promise<Tokenizer> {
  if (saved === undefined || JSON.stringify(saved) === JSON.stringify(SAVED)) return Promise.resolve(bytes);
  return Promise.reject(
    new InputError('tokenizer-unknown', {
      asked: 'Make a tokenizer again',
      found: 'what was saved is of another one',
      todo: 'Save tokenizer.toJSON()',
    }),
  );
}

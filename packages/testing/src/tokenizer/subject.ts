import type { Json, Plugin, Tokenizer } from '@ligature/core';
import { assertFunctions } from '../entry/entry-rules.js';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import { NASTY_TEXTS, TRAINING_TEXT, type Sample } from './corpus.js';

export interface CheckTokenizerOptions extends CheckOptions {
  /** What a tokenizer that learns is given to learn from; some 9 kB of English if left out. */
  readonly trainingText?: string;
  /** Texts of your own to try beside the built-in ones. */
  readonly texts?: readonly string[];
  /** `false`: decoding does not give the text back, only something that encodes alike. */
  readonly lossless?: boolean;
}

export interface TokenizerSubject extends Subject<'tokenizers'> {
  readonly lossless: boolean;
  readonly samples: readonly Sample[];
  /** A fresh one, learnt or built from what `saved` is. */
  make(from?: {
    readonly saved?: Json;
    readonly calls?: Calls;
    readonly onTrainingText?: () => void;
  }): Promise<Tokenizer>;
  /** One for all rules: a tokenizer has no state. */
  shared(): Promise<Tokenizer>;
  /** @throws Finding (of `encodes`, `plays-through`) */
  encode(tokenizer: Tokenizer, sample: Sample, calls?: Calls): Int32Array;
  decode(tokenizer: Tokenizer, ids: ArrayLike<number>, of: string, calls?: Calls): string;
}

export function tokenizerSubject(
  plugin: Plugin,
  name: string,
  options: CheckTokenizerOptions = {},
): TokenizerSubject {
  const subject = subjectOf('tokenizers', plugin, name, options);
  const { trainingText = TRAINING_TEXT, texts = [], lossless = true } = options;
  const samples = [
    ...NASTY_TEXTS,
    ...texts.map((text, index) => ({ name: `text ${index + 1} of the check`, text })),
  ];

  const make: TokenizerSubject['make'] = async ({ saved, calls, onTrainingText } = {}) => {
    const trainingTextOf = (): Promise<string> => {
      onTrainingText?.();
      return Promise.resolve(trainingText);
    };
    const context = { trainingText: trainingTextOf, ...(saved !== undefined && { saved }) };
    const tokenizer = await subject.create(context, calls);
    assertFunctions(tokenizer, 'tokenizer', ['encode', 'decode', 'toJSON']);
    return tokenizer;
  };

  let one: Promise<Tokenizer> | undefined;
  return {
    ...subject,
    lossless,
    samples,
    make,
    shared: () => (one ??= make()),
    encode(tokenizer, sample, calls = subject.calls) {
      const ids: unknown = calls.now(`encode of ${sample.name}`, () => tokenizer.encode(sample.text));
      if (ids instanceof Int32Array) return ids;
      throw new Finding(`encode of ${sample.name} gave ${show(ids)}`, 'encodes');
    },
    decode(tokenizer, ids, of, calls = subject.calls) {
      const text: unknown = calls.now(`decode of ${of}`, () => tokenizer.decode(ids));
      if (typeof text === 'string') return text;
      throw new Finding(`decode of ${of} gave ${show(text)}`, 'decodes');
    },
  };
}

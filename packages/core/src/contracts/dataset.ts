import type { Json } from './snapshot.js';

/** Text to token ids and back. */
export interface Tokenizer {
  readonly name: string;
  /** Ids are integers in [0, vocabularySize). */
  readonly vocabularySize: number;
  /** Id of the token that separates or opens texts, where the vocabulary has one. */
  readonly bosId?: number;
  /** Id of the token that ends a text or a line, where the vocabulary has one. */
  readonly eosId?: number;
  /** Id of the token that stands for one that is to be guessed, where the vocabulary has one. */
  readonly maskId?: number;
  /** Adds no special tokens of its own (the word tokenizer's `<eos>` for each line end is part of its format). */
  encode(text: string): Int32Array;
  decode(ids: ArrayLike<number>): string;
  /** Exact UTF-8 bytes that ids stand for, where the tokenizer knows them; needed for exact bits per byte. */
  byteLength?(ids: ArrayLike<number>): number;
  /** Everything `create` needs to build the same tokenizer again without the training text; `null` if nothing. */
  toJSON(): Json;
}

export interface TokenizerContext {
  /** The training split, for tokenizers that learn their vocabulary. Not called by those that do not. */
  readonly trainingText: () => Promise<string>;
  /** The `toJSON()` of an earlier instance: build that one, learn nothing. */
  readonly saved?: Json;
}

export type SplitName = 'train' | 'validation' | 'test';

/** One split of a dataset, as text. */
export interface Split {
  readonly text: string;
  /** `official`: the publisher's own split; `derived`: cut by Ligature, always the same way. */
  readonly origin: 'official' | 'derived';
}

/** Which files a dataset reads, by their paths in its folder. */
export interface SplitFiles {
  readonly train: readonly string[];
  /** None: this split is cut from the text for training. */
  readonly validation: readonly string[];
  readonly test: readonly string[];
  /** Texts in the same place that it does not read. */
  readonly leftOut: readonly string[];
}

export interface Dataset {
  readonly name: string;
  /** One line for people: what it is, where from, licence. */
  readonly description: string;
  /** Which files it takes for which split, where it had to choose: a run shows and keeps that. */
  files?(): Promise<SplitFiles | undefined>;
  /** @throws InputError when the text is missing or empty. */
  split(name: SplitName): Promise<Split>;
}

export interface DatasetContext {
  /** The name or path as the user wrote it; local-file datasets read it. */
  readonly source: string;
  /** Relative paths are resolved against this folder. */
  readonly folder: string;
}

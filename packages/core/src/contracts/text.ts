import type { EvaluationScope } from './evaluation.js';
import type { Json, Snapshotable } from './snapshot.js';

/** Text to token ids and back. */
export interface Tokenizer {
  readonly name: string;
  /** Ids are integers in [0, vocabularySize). */
  readonly vocabularySize: number;
  /** Id of the token that separates or opens texts, where the vocabulary has one. */
  readonly bosId?: number;
  /** Id of the token that ends a text or a line, where the vocabulary has one. */
  readonly eosId?: number;
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

export interface Dataset {
  readonly name: string;
  /** One line for people: what it is, where from, licence. */
  readonly description: string;
  /** @throws InputError when the text is missing or empty. */
  split(name: SplitName): Promise<Split>;
}

export interface DatasetContext {
  /** The name or path as the user wrote it; local-file datasets read it. */
  readonly source: string;
  /** Relative paths are resolved against this folder. */
  readonly folder: string;
}

/** Token ids of `batch` rows of `context` tokens each, row-major, with the label of every position. */
export interface Batch {
  /** [batch, context] ids. */
  readonly inputs: Int32Array;
  /** [batch, context] ids: the token that follows each input. */
  readonly labels: Int32Array;
  readonly batch: number;
  readonly context: number;
}

/** An endless, seeded, resumable sequence of training batches. */
export interface BatchSource extends Snapshotable {
  next(): Batch;
}

/** A fixed list of batches with the size of the text behind their labels. The last batch may be smaller. */
export interface EvaluationSet {
  readonly scope: EvaluationScope;
  readonly batches: readonly Batch[];
}

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

/** Who drew the border of a split: the publisher, or Ligature, always the same way. */
export type SplitOrigin = 'official' | 'derived';

/** One split of a dataset, as text. */
export interface Split {
  readonly text: string;
  readonly origin: SplitOrigin;
}

/** A running text that is too long to be held at once. */
export interface LongText {
  readonly origin: SplitOrigin;
  /** Of its files: before line ends are made one, and without what stands between two files. */
  readonly bytes: number;
  /** SHA-256 in hexadecimal of all that decides the text: equal digests, equal texts. */
  digest(): Promise<string>;
  /**
   * From front to back, in parts of at most about a million UTF-16 units that end between any two characters. Each call begins anew.
   *
   * @throws InputError when the text is damaged
   */
  parts(): AsyncIterable<string>;
  /** Lines from evenly all over it, in order, of about so many bytes together: always the same. */
  sample(bytes: number): Promise<string>;
}

/** Texts that stand alone: stories, passages of books, sentences in no order. */
export interface Passages {
  readonly passages: readonly string[];
  readonly origin: SplitOrigin;
}

/** A text, or two that are read together: a sentence and another one, a premise and a hypothesis. */
export interface LabelledText {
  readonly texts: readonly [string] | readonly [string, string];
  /** The name of a class, or a number to be predicted. */
  readonly label: string | number;
}

/** Texts with what is to be said of each. Examples whose label is hidden are not among them. */
export interface LabelledTexts {
  readonly examples: readonly LabelledText[];
  readonly origin: SplitOrigin;
  /** Names of the classes in the order of their ids; left out: labels are numbers, to be predicted as such. */
  readonly classes?: readonly string[];
  /** What its publisher judges by, the first one before all: `matthews`, `f1`; left out: nothing in particular. */
  readonly metrics?: readonly string[];
}

/** A stretch of a context that answers a question. */
export interface Answer {
  readonly text: string;
  /** Where it begins in the context, in UTF-16 units. */
  readonly start: number;
}

export interface QuestionExample {
  /** Different from those of all other questions. */
  readonly id: string;
  readonly question: string;
  readonly context: string;
  /** Every one is right. None: the context does not answer the question. */
  readonly answers: readonly Answer[];
}

/** Questions, each with the text that answers it. */
export interface Questions {
  readonly questions: readonly QuestionExample[];
  readonly origin: SplitOrigin;
  /** Whether some are not to be answered at all, as in SQuAD 2. */
  readonly unanswerable: boolean;
}

/** Images of one size, each with a class. */
export interface LabelledImages {
  /** [images, channels, height, width], 0 to 255 */
  readonly pixels: Uint8Array;
  /** 1: grey; 3: red, green, blue */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** [images], each in [0, classes.length) */
  readonly labels: Int32Array;
  readonly classes: readonly string[];
  readonly origin: SplitOrigin;
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

/** A name in place of the one that was chosen, options in place of some. */
export interface PinnedChoice {
  readonly name?: string;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What a task may ask a dataset for. */
export interface DatasetContents {
  /** A running text. */
  readonly text: Split;
  readonly passages: Passages;
  readonly 'labelled texts': LabelledTexts;
  readonly questions: Questions;
  readonly images: LabelledImages;
}

/**
 * Named splits of what is to be learnt. It has the methods of what it holds, one or several; `contentsOf` asks for one and
 * refuses a dataset without it.
 */
export interface Dataset {
  readonly name: string;
  /** One line for people: what it is, where from, licence. */
  readonly description: string;
  /** Which files it takes for which split, where it had to choose: a run shows and keeps that. */
  files?(): Promise<SplitFiles | undefined>;
  /**
   * What to change in the choice of this dataset so that it gives exactly this data again, whatever is published under its
   * name later: a run keeps the choice so.
   */
  pinned?(): Promise<PinnedChoice>;
  /** A running text. @throws InputError when the text is missing or empty. */
  split?(name: SplitName): Promise<Split>;
  /** The same where it is too long to be held at once, and nothing where it is not: `split` gives that. @throws InputError */
  longText?(name: SplitName): Promise<LongText | undefined>;
  /** Texts that stand alone. @throws InputError when there is none */
  passages?(name: SplitName): Promise<Passages>;
  /** Texts, or pairs of them, with labels. @throws InputError when there is none */
  labelledTexts?(name: SplitName): Promise<LabelledTexts>;
  /** Questions about texts. @throws InputError when there is none */
  questions?(name: SplitName): Promise<Questions>;
  /** Images with classes. @throws InputError when there is none */
  images?(name: SplitName): Promise<LabelledImages>;
}

/** A dataset of running text. */
export type TextDataset = Dataset & Required<Pick<Dataset, 'split'>>;

export interface DatasetContext {
  /** The name or path as the user wrote it; local-file datasets read it. */
  readonly source: string;
  /** Relative paths are resolved against this folder. */
  readonly folder: string;
  /** What comes from elsewhere may be kept here between runs; left out: where the dataset itself thinks best. */
  readonly cacheFolder?: string;
  /** Stops what takes long. */
  readonly signal?: AbortSignal;
  /** Tells people what takes long, and how far it is. */
  readonly stage?: (message: string, progress?: StageProgress) => void;
  /** Tells people what should not be lost. */
  readonly notice?: (message: string) => void;
}

/** How far a piece of work is, in whatever it counts. */
export interface StageProgress {
  readonly done: number;
  readonly total: number;
}

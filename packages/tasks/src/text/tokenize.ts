import type { ByteCache, Dataset, Split, SplitName, Tokenizer } from '@ligature/core';
import { ContractError, contentsOf } from '@ligature/core';
import { rowGroups, type Chunking } from './chunks.js';
import { cacheKey, readEntry, writeEntry, type Encoded } from './token-cache.js';

const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

export interface TokenizeOptions {
  readonly dataset: Dataset;
  readonly tokenizer: Tokenizer;
  /** Where encoded splits are kept; nowhere if left out. */
  readonly cache?: ByteCache | undefined;
  /** `bos-eos` encodes the rows in groups of 1000, as its chunks need it; `contiguous` (default) the whole text. */
  readonly chunking?: Chunking | undefined;
}

/** How a split uses the vocabulary. */
export interface VocabularyUse {
  /** Different ids that occur. */
  readonly distinct: number;
  /** Tokens whose id never occurs in the training split. */
  readonly unseen: number;
}

/** A dataset as ids, ready to be cut into batches. */
export interface TokenizedDataset {
  readonly name: string;
  readonly description: string;
  readonly tokenizer: Tokenizer;
  readonly chunking: Chunking;
  tokens(split: SplitName): Int32Array;
  /** UTF-8 bytes of the text behind the tokens. */
  bytes(split: SplitName): number;
  origin(split: SplitName): Split['origin'];
  /** End of every row group in the tokens; one group unless chunking is `bos-eos`. */
  groups(split: SplitName): Int32Array;
  vocabulary(split: SplitName): VocabularyUse;
  /** Whether the ids came from the cache. */
  cached(split: SplitName): boolean;
}

interface TokenizedSplit extends Encoded {
  readonly bytes: number;
  readonly origin: Split['origin'];
  readonly cached: boolean;
}

/**
 * Encodes all splits, or takes them from the cache.
 *
 * @throws ContractError (`token-id-out-of-range`) when the tokenizer gives an id that its vocabulary has not
 * @throws InputError what the dataset throws
 */
export async function tokenizeDataset(options: TokenizeOptions): Promise<TokenizedDataset> {
  const { dataset, tokenizer, chunking = 'contiguous' } = options;
  const read = contentsOf(dataset, 'text', 'a language model');
  const splits = new Map<SplitName, TokenizedSplit>();
  // One after the other: the largest split's pieces set the peak of memory, not the sum.
  for (const name of SPLITS) {
    splits.set(name, await tokenizeSplit(await read(name), { ...options, chunking }));
  }
  const of = (name: SplitName): TokenizedSplit => splits.get(name) as TokenizedSplit;
  return {
    name: dataset.name,
    description: dataset.description,
    tokenizer,
    chunking,
    tokens: (split) => of(split).ids,
    bytes: (split) => of(split).bytes,
    origin: (split) => of(split).origin,
    groups: (split) => of(split).groups,
    cached: (split) => of(split).cached,
    vocabulary: (split) => vocabularyUse(of(split).ids, of('train').ids, tokenizer.vocabularySize),
  };
}

async function tokenizeSplit(
  { text, origin }: Split,
  { tokenizer, cache, chunking }: TokenizeOptions & { readonly chunking: Chunking },
): Promise<TokenizedSplit> {
  const parts = chunking === 'bos-eos' ? rowGroups(text) : [text];
  const bytes = parts.reduce((sum, part) => sum + utf8Length(part), 0);
  const key = cache && (await cacheKey(text, tokenizer, chunking));
  const kept = cache && key !== undefined ? await readEntry(cache, key) : undefined;
  const encoded = kept ?? encode(parts, tokenizer);
  assertInVocabulary(encoded.ids, tokenizer);
  if (cache && key !== undefined && !kept) await writeEntry(cache, key, encoded);
  return { ...encoded, bytes, origin, cached: kept !== undefined };
}

/** Bytes of a text in UTF-8, a lone surrogate being written as U+FFFD. */
function utf8Length(text: string): number {
  let bytes = 0;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00 && isLow(text.charCodeAt(at + 1))) {
      bytes += 4;
      at += 1;
    } else bytes += 3;
  }
  return bytes;
}

const isLow = (unit: number): boolean => unit >= 0xdc00 && unit < 0xe000;

function encode(parts: readonly string[], tokenizer: Tokenizer): Encoded {
  const pieces = parts.map((part) => tokenizer.encode(part));
  const groups = new Int32Array(pieces.length);
  let end = 0;
  pieces.forEach((piece, i) => (groups[i] = end += piece.length));
  const ids = new Int32Array(end);
  pieces.forEach((piece, i) => ids.set(piece, (groups[i] as number) - piece.length));
  return { ids, groups };
}

function assertInVocabulary(ids: Int32Array, { name, vocabularySize }: Tokenizer): void {
  const wrong = ids.find((id) => id < 0 || id >= vocabularySize);
  if (wrong === undefined) return;
  throw new ContractError('token-id-out-of-range', {
    asked: `Encode a text with the tokenizer "${name}"`,
    found: `it gave the id ${wrong}, but says that its vocabulary has ${vocabularySize} tokens`,
    todo: 'Mend the tokenizer: ids are whole numbers from 0 to vocabularySize - 1',
  });
}

function vocabularyUse(ids: Int32Array, training: Int32Array, size: number): VocabularyUse {
  const trained = new Uint8Array(size);
  for (const id of training) trained[id] = 1;
  const used = new Uint8Array(size);
  let unseen = 0;
  for (const id of ids) {
    used[id] = 1;
    if (trained[id] === 0) unseen += 1;
  }
  return { distinct: used.reduce((sum, flag) => sum + flag, 0), unseen };
}

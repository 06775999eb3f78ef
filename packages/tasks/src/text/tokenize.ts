import type {
  ByteCache,
  Dataset,
  LongText,
  PrepareContext,
  Split,
  SplitName,
  Tokenizer,
} from '@ligature/core';
import { contentsOf } from '@ligature/core';
import type { Chunking } from './chunks.js';
import { sha256 } from './digest.js';
import { assertInVocabulary } from './in-vocabulary.js';
import { tokenizeLongText } from './long-text.js';
import { documentsOf, rowGroups } from './row-groups.js';
import { cacheKey, readEntry, writeEntry, type Encoded } from './token-cache.js';
import { blocksOf, type TokenIds } from './token-ids.js';
import { utf8Length } from './utf8-length.js';

const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

export interface TokenizeOptions {
  readonly dataset: Dataset;
  readonly tokenizer: Tokenizer;
  /** Where encoded splits are kept; nowhere if left out. */
  readonly cache?: ByteCache | undefined;
  /**
   * `bos-eos` encodes the rows in groups of 1000, as its chunks need it, `documents` every one alone; `contiguous` (default)
   * the whole text.
   */
  readonly chunking?: Chunking | undefined;
  /** What stands between two documents. */
  readonly separator?: string | undefined;
  /** Encodes many texts side by side, in order. */
  readonly encodeAll?: PrepareContext['encodeAll'];
  /** Called with what is encoded of a long text, in bytes of its files. */
  readonly progress?: ((done: number, of: number) => Promise<void>) | undefined;
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
  tokens(split: SplitName): TokenIds;
  /** SHA-256 of the ids, in hexadecimal. */
  digest(split: SplitName): Promise<string>;
  /** UTF-8 bytes of the text behind the tokens. */
  bytes(split: SplitName): number;
  origin(split: SplitName): Split['origin'];
  /** End of every group in the tokens; one group with chunking `contiguous`. */
  groups(split: SplitName): Int32Array;
  vocabulary(split: SplitName): VocabularyUse;
  /** Whether the ids came from the cache. */
  cached(split: SplitName): boolean;
}

interface TokenizedSplit {
  readonly ids: TokenIds;
  readonly groups: Int32Array;
  readonly digest: () => Promise<string>;
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
    const long = await dataset.longText?.(name);
    const of = { ...options, chunking };
    splits.set(name, long ? await tokenizeLong(long, of) : await tokenizeSplit(await read(name), of));
  }
  const of = (name: SplitName): TokenizedSplit => splits.get(name) as TokenizedSplit;
  return {
    name: dataset.name,
    description: dataset.description,
    tokenizer,
    chunking,
    tokens: (split) => of(split).ids,
    digest: (split) => of(split).digest(),
    bytes: (split) => of(split).bytes,
    origin: (split) => of(split).origin,
    groups: (split) => of(split).groups,
    cached: (split) => of(split).cached,
    vocabulary: (split) => vocabularyUse(of(split).ids, of('train').ids, tokenizer.vocabularySize),
  };
}

async function tokenizeSplit(
  { text, origin }: Split,
  { tokenizer, cache, chunking, separator }: TokenizeOptions & { readonly chunking: Chunking },
): Promise<TokenizedSplit> {
  const parts = groupsOf(text, chunking, separator);
  const bytes = parts.reduce((sum, part) => sum + utf8Length(part), 0);
  const key = cache && (await cacheKey(text, tokenizer, howCut(chunking, separator)));
  const kept = cache && key !== undefined ? await readEntry(cache, key) : undefined;
  const encoded = kept ?? encode(parts, tokenizer);
  assertInVocabulary(encoded.ids, tokenizer);
  if (cache && key !== undefined && !kept) await writeEntry(cache, key, encoded);
  const { buffer, byteOffset, byteLength } = encoded.ids;
  return {
    ...encoded,
    digest: () => sha256(new Uint8Array(buffer, byteOffset, byteLength)),
    ...{ bytes, origin, cached: kept !== undefined },
  };
}

async function tokenizeLong(
  text: LongText,
  options: TokenizeOptions & { readonly chunking: Chunking },
): Promise<TokenizedSplit> {
  const { stored, cached } = await tokenizeLongText(text, options);
  const { ids, groups, digest, bytes } = stored;
  const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return { ids, groups, digest: () => Promise.resolve(hex), ...{ bytes, origin: text.origin, cached } };
}

function groupsOf(text: string, chunking: Chunking, separator = ''): string[] {
  if (chunking === 'bos-eos') return rowGroups(text);
  return chunking === 'documents' ? documentsOf(text, separator) : [text];
}

/** Whatever decides how a text falls into groups. */
const howCut = (chunking: Chunking, separator = ''): string =>
  chunking === 'documents' ? `documents ${JSON.stringify(separator)}` : chunking;

function encode(parts: readonly string[], tokenizer: Tokenizer): Encoded {
  const pieces = parts.map((part) => tokenizer.encode(part));
  const groups = new Int32Array(pieces.length);
  let end = 0;
  pieces.forEach((piece, i) => (groups[i] = end += piece.length));
  const ids = new Int32Array(end);
  pieces.forEach((piece, i) => ids.set(piece, (groups[i] as number) - piece.length));
  return { ids, groups };
}

function vocabularyUse(ids: TokenIds, training: TokenIds, size: number): VocabularyUse {
  const trained = new Uint8Array(size);
  for (const block of blocksOf(training)) for (const id of block) trained[id] = 1;
  const used = new Uint8Array(size);
  let unseen = 0;
  for (const block of blocksOf(ids)) {
    for (const id of block) {
      used[id] = 1;
      if (trained[id] === 0) unseen += 1;
    }
  }
  return { distinct: used.reduce((sum, flag) => sum + flag, 0), unseen };
}

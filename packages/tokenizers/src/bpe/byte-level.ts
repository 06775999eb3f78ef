/**
 * The byte-level BPE tokenizer proper: trained, GPT-2's and loaded ones are all this code with other tables.
 * Special tokens are found in the text first (the longest of those that start leftmost), as Hugging Face's
 * tokenizers do; what lies between them is cut into pieces and merged. Pieces are cached: a text has few
 * distinct ones.
 */
import { ownCopy } from '../own-copy.js';
import type { Json } from '@ligature/core';
import type { ByteExactTokenizer } from '../contract.js';
import { IdBuffer } from '../id-buffer.js';
import { TextTrie } from '../text-trie.js';
import { countBytes, joinTokens, toUtf8 } from '../utf8.js';
import { applyMerges, type MergeTable } from './merges.js';
import { forEachPiece } from './pre-tokenize.js';

/** Bounds of the piece cache: enough for a book's distinct words, harmless for hostile text. */
const CACHED_PIECES = 1 << 16;
const CACHED_LENGTH = 64;

export interface ByteLevelTables {
  readonly name: string;
  readonly vocabularySize: number;
  /** Bytes of every token by id; a special token's are those of its text. Holes are ids that nothing uses. */
  readonly bytes: readonly (Uint8Array | undefined)[];
  /** Id of each single byte. */
  readonly byteIds: readonly number[];
  readonly merges: MergeTable;
  /** Ids of the tokens that are recognised in the text as a whole. */
  readonly special: ReadonlyMap<string, number>;
  readonly bosId?: number;
  readonly eosId?: number;
  readonly maskId?: number;
  readonly toJSON: () => Json;
}

export function createByteLevelTokenizer(tables: ByteLevelTables): ByteExactTokenizer {
  const { name, vocabularySize, byteIds, merges, special, bosId, eosId, maskId, toJSON } = tables;
  const cache = new Map<string, Int32Array>();
  const specialTexts = new TextTrie();
  for (const [text, id] of special) specialTexts.add(text, id);
  const bytesOf = (id: number): Uint8Array | undefined => tables.bytes[id];

  const encodePiece = (piece: string): Int32Array => {
    const cached = cache.get(piece);
    if (cached) return cached;
    const symbols = Array.from(toUtf8(piece), (byte) => byteIds[byte] as number);
    const ids = applyMerges(symbols, merges);
    if (piece.length <= CACHED_LENGTH && cache.size < CACHED_PIECES) cache.set(ownCopy(piece), ids);
    return ids;
  };

  return {
    name,
    vocabularySize,
    ...(bosId !== undefined && { bosId }),
    ...(eosId !== undefined && { eosId }),
    ...(maskId !== undefined && { maskId }),
    encode(text) {
      // English text has about four characters to a token.
      const buffer = new IdBuffer(text.length >> 2);
      const encodeOrdinary = (part: string): void =>
        forEachPiece(part, (piece) => buffer.append(encodePiece(piece)));
      let start = 0;
      for (const match of specialTexts.matches(text)) {
        encodeOrdinary(text.slice(start, match.start));
        buffer.push(match.id);
        start = match.end;
      }
      encodeOrdinary(text.slice(start));
      return buffer.toArray();
    },
    decode: (ids) => joinTokens(name, ids, bytesOf),
    byteLength: (ids) => countBytes(name, ids, bytesOf),
    toJSON,
  };
}

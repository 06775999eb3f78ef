/** `BPE`: characters merged pair by pair, with everything that a file can say about it. */
import { ownCopy } from '../../own-copy.js';
import { z } from 'zod';
import { applyMerges, MergeTable } from '../../bpe/merges.js';
import type { IdBuffer } from '../../id-buffer.js';
import { fromUtf8, toUtf8 } from '../../utf8.js';
import { fieldOf, invalid, unsupported } from '../refuse.js';
import type { Model } from './model.js';
import { byteToken, readVocabulary, vocabularySchema, type Vocabulary } from './vocabulary.js';

const flag = z.boolean().nullish();
const mergesSchema = z.union([z.array(z.tuple([z.string(), z.string()])), z.array(z.string())]);

export const bpeSchema = z.looseObject({
  vocab: vocabularySchema,
  merges: mergesSchema,
  dropout: z.number().min(0).max(1).nullish(),
  unk_token: z.string().nullish(),
  continuing_subword_prefix: z.string().nullish(),
  end_of_word_suffix: z.string().nullish(),
  fuse_unk: flag,
  byte_fallback: flag,
  ignore_merges: flag,
});

type Fields = z.output<typeof bpeSchema>;

/** Bounds of the cache of pieces: enough for a book's distinct words, harmless for hostile text. */
const CACHED_PIECES = 1 << 16;
const CACHED_LENGTH = 64;

/** Merges as pairs. Older files write each as one text with a space; their first line may name a version. */
export function mergePairs(merges: Fields['merges'], field: string): (readonly [string, string])[] {
  const pairs: (readonly [string, string])[] = [];
  merges.forEach((merge, index) => {
    if (typeof merge !== 'string') return pairs.push(merge);
    if (merge.startsWith('#version')) return undefined;
    const parts = merge.split(' ');
    if (parts.length !== 2) {
      invalid(
        `${field}[${index}]`,
        `is ${JSON.stringify(merge)}, which is not two tokens with a space between them`,
      );
    }
    return pairs.push(parts as [string, string]);
  });
  return pairs;
}

export function mergeTable(fields: Fields, { ids }: Vocabulary, size: number, field: string): MergeTable {
  const prefix = fields.continuing_subword_prefix ?? '';
  const at = fieldOf(field, 'merges');
  const table = new MergeTable(size);
  for (const pair of mergePairs(fields.merges, at)) {
    const [left, right] = pair;
    // The prefix is cut off by its length, whatever stands there.
    const joined = left + cutBytes(right, prefix, at);
    const [leftId, rightId, joinedId] = [left, right, joined].map(
      (token) =>
        ids.get(token) ??
        invalid(
          at,
          `has ${JSON.stringify(pair)}, which needs the token ${JSON.stringify(token)}; it is not there`,
        ),
    ) as [number, number, number];
    table.add(leftId, rightId, joinedId);
  }
  return table;
}

function cutBytes(token: string, prefix: string, field: string): string {
  if (prefix === '') return token;
  if (token.startsWith(prefix)) return token.slice(prefix.length);
  const bytes = toUtf8(token);
  const rest = bytes.subarray(toUtf8(prefix).length);
  const text = fromUtf8(rest);
  if (
    bytes.length < toUtf8(prefix).length ||
    toUtf8(text).length !== rest.length ||
    text.includes('\ufffd')
  ) {
    invalid(
      field,
      `has a right part ${JSON.stringify(token)} that is no longer than the prefix ${JSON.stringify(prefix)}`,
    );
  }
  return text;
}

export function bpe(fields: Fields, field: string): Model {
  // Single precision, as the library has it. With 1 it leaves out every merge, and does not ask for whole pieces.
  const dropout = Math.fround(fields.dropout ?? 0);
  const merging = dropout === 0;
  if (!merging && dropout !== 1) {
    unsupported(
      fieldOf(field, 'dropout'),
      'it leaves merges out by chance: a text would have other ids each time',
      fields.dropout,
    );
  }
  const vocabulary = readVocabulary(Object.entries(fields.vocab), fieldOf(field, 'vocab'));
  const { ids, tokens } = vocabulary;
  let largest = 0;
  for (const id of tokens.keys()) largest = Math.max(largest, id);
  const merges = mergeTable(fields, vocabulary, largest + 1, field);
  const symbolsOf = symbolReader(fields, ids, field);
  const cache = new Map<string, Int32Array>();

  const encodePiece = (piece: string): Int32Array => {
    if (!merging) return Int32Array.from(symbolsOf(piece));
    const whole = fields.ignore_merges ? ids.get(piece) : undefined;
    return whole === undefined ? applyMerges(symbolsOf(piece), merges) : Int32Array.of(whole);
  };

  return {
    size: ids.size,
    idOf: (token) => ids.get(token),
    tokens: () => tokens,
    encode(piece, buffer: IdBuffer) {
      const cached = cache.get(piece);
      if (cached) return buffer.append(cached);
      const encoded = encodePiece(piece);
      if (piece.length <= CACHED_LENGTH && cache.size < CACHED_PIECES) cache.set(ownCopy(piece), encoded);
      buffer.append(encoded);
    },
  };
}

/** Cuts a piece into the tokens from which merging starts: its characters, their bytes, or unknown ones. */
function symbolReader(fields: Fields, ids: ReadonlyMap<string, number>, field: string) {
  const { unk_token: unknown, fuse_unk: fuses, byte_fallback: fallsBack } = fields;
  const prefix = fields.continuing_subword_prefix ?? '';
  const suffix = fields.end_of_word_suffix ?? '';

  const bytesOf = (symbol: string): number[] | undefined => {
    const found = Array.from(toUtf8(symbol), (byte) => ids.get(byteToken(byte)));
    return found.every((id) => id !== undefined) ? (found as number[]) : undefined;
  };

  return (piece: string): number[] => {
    const symbols: number[] = [];
    // An unknown token is held back until a known character follows. Bytes do not count as one: they overtake it.
    let pending = -1;
    const flush = (): void => {
      if (pending >= 0) symbols.push(pending);
      pending = -1;
    };
    let at = 0;
    for (const character of piece) {
      const isFirst = at === 0;
      at += character.length;
      const symbol = (isFirst ? '' : prefix) + character + (at === piece.length ? suffix : '');
      const id = ids.get(symbol);
      if (id !== undefined) {
        flush();
        symbols.push(id);
        continue;
      }
      const bytes = fallsBack ? bytesOf(symbol) : undefined;
      if (bytes) symbols.push(...bytes);
      else if (typeof unknown === 'string') {
        if (pending >= 0 && fuses) continue;
        flush();
        pending =
          ids.get(unknown) ??
          unsupported(
            fieldOf(field, 'unk_token'),
            `the vocabulary has neither it nor ${JSON.stringify(symbol)}, which the text needs`,
            unknown,
          );
      }
      // Without an unknown token, such a character is left out.
    }
    flush();
    return symbols;
  };
}

/** Tokens of a text and where each of them stands in it, in UTF-16 units. */
import type { Tokenizer } from '@ligature/core';
import { encodeChecked } from '../text/framing.js';

/** Of each token its id, and the units that it covers. What it covers may be the same for several: bytes of one character. */
export interface Located {
  readonly text: string;
  readonly ids: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** Words and single marks; and what stands between blanks. Blanks go with what follows them. */
const PIECES = [/\s*(?:[\p{L}\p{M}\p{N}_]+|[^\s\p{L}\p{M}\p{N}_])/gu, /\s*\S+/gu] as const;

/**
 * A tokenizer says what its tokens are and not where. Where it knows their bytes, and these are the text again, each token is found
 * exactly. Otherwise the text is encoded piece by piece, each token of a piece covering all of it: by words and marks where that
 * makes the same tokens as the whole text at once (as WordPiece does), else by what stands between blanks.
 *
 * @returns a function that keeps the pieces it has met
 */
export function locator(tokenizer: Tokenizer): (text: string) => Located {
  const known = new Map<string, Int32Array>();
  const lengths = new Map<number, number>();
  const encode = (text: string): Int32Array => withoutEnd(encodeChecked(text, tokenizer), tokenizer);
  const encodePiece = (piece: string): Int32Array => {
    const ids = known.get(piece) ?? encode(piece);
    known.set(piece, ids);
    return ids;
  };
  return (text) => {
    const ids = encode(text);
    const exact = byBytes(text, ids, tokenizer, lengths);
    if (exact) return exact;
    const [words, blanks] = PIECES.map((pattern) => () => byPieces(text, pattern, encodePiece));
    const found = (words as () => Located)();
    return isSame(found.ids, ids) ? found : (blanks as () => Located)();
  };
}

/** A text on its own has no end of line: a tokenizer of lines puts one there by itself. */
export function withoutEnd(ids: Int32Array, { eosId }: Pick<Tokenizer, 'eosId'>): Int32Array {
  return eosId !== undefined && ids.at(-1) === eosId ? ids.subarray(0, -1) : ids;
}

function byBytes(
  text: string,
  ids: Int32Array,
  tokenizer: Tokenizer,
  lengths: Map<number, number>,
): Located | undefined {
  if (!tokenizer.byteLength) return undefined;
  const bytesOf = (id: number): number => {
    const length = lengths.get(id) ?? (tokenizer.byteLength as (ids: number[]) => number)([id]);
    lengths.set(id, length);
    return length;
  };
  const { starts: unitOf, ends: endOf } = unitsOfBytes(text);
  let sum = 0;
  for (const id of ids) sum += bytesOf(id);
  if (sum !== unitOf.length || tokenizer.decode(ids) !== text) return undefined;
  const [starts, ends] = [new Int32Array(ids.length), new Int32Array(ids.length)];
  let byte = 0;
  ids.forEach((id, at) => {
    const next = byte + bytesOf(id);
    starts[at] = unitOf[byte] ?? text.length;
    // A token without bytes covers nothing.
    ends[at] = next > byte ? (endOf[next - 1] as number) : (starts[at] as number);
    byte = next;
  });
  return { text, ids, starts, ends };
}

/** Of each byte of the text in UTF-8, the units that its character covers. */
function unitsOfBytes(text: string): Pick<Located, 'starts' | 'ends'> {
  const starts: number[] = [];
  const ends: number[] = [];
  let unit = 0;
  for (const character of text) {
    const code = character.codePointAt(0) as number;
    const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (let byte = 0; byte < bytes; byte += 1) {
      starts.push(unit);
      ends.push(unit + character.length);
    }
    unit += character.length;
  }
  return { starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
}

function byPieces(text: string, pattern: RegExp, encode: (piece: string) => Int32Array): Located {
  const ids: number[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { 0: piece, index } of text.matchAll(pattern)) {
    const start = index + piece.length - piece.trimStart().length;
    for (const id of encode(piece)) {
      ids.push(id);
      starts.push(start);
      ends.push(index + piece.length);
    }
  }
  return { text, ids: Int32Array.from(ids), starts: Int32Array.from(starts), ends: Int32Array.from(ends) };
}

const isSame = (one: Int32Array, other: Int32Array): boolean =>
  one.length === other.length && one.every((id, at) => id === other[at]);

/** First and last token. */
export type TokenSpan = readonly [first: number, last: number];

/** Blanks at the ends, those of Unicode: U+FEFF, which `trim` takes too, is none. */
const AROUND = /^\p{White_Space}+|\p{White_Space}+$/gu;
const BEFORE = /^\p{White_Space}*/u;
const trimmed = (text: string): string => text.replaceAll(AROUND, '');

/** The fewest tokens that hold a stretch of the text; nothing where no token does. */
export function tokensOf({ text, starts, ends }: Located, from: number, to: number): TokenSpan | undefined {
  const stretch = text.slice(from, to);
  const start = from + (BEFORE.exec(stretch)?.[0].length ?? 0);
  const end = start + trimmed(stretch).length;
  const first = ends.findIndex((unit) => unit > start);
  const last = starts.findLastIndex((unit) => unit < end);
  return first >= 0 && first <= last ? [first, last] : undefined;
}

/** What tokens cover, without blanks at its ends; nothing of tokens that there are not. */
export function textOf({ text, starts, ends }: Located, [first, last]: TokenSpan): string {
  const [start, end] = [starts[first], ends[last]];
  return start === undefined || end === undefined ? '' : trimmed(text.slice(start, end));
}

export const isSameText = (one: string, other: string): boolean => trimmed(one) === trimmed(other);

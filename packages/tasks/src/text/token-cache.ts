/**
 * Encoded splits in a cache. The name of an entry is the SHA-256 of the text and of everything that decides its ids; the
 * entry itself begins with the SHA-256 of the rest, so that a damaged one is noticed and made anew.
 *
 * Layout: 32 bytes digest, then 32-bit integers: format, number of ids, number of groups, ids, group ends.
 */
import type { ByteCache, Tokenizer } from '@ligature/core';
import { digestBytes, sha256 } from './digest.js';

/** Of the layout, and of what tokenizers make of a text: 2 since files of Hugging Face's give the ids of its library. */
const FORMAT = 2;
const DIGEST_BYTES = 32;
const HEADER_WORDS = 3;

export interface Encoded {
  readonly ids: Int32Array;
  /** End of every row group in `ids`. */
  readonly groups: Int32Array;
}

/** Name of the entry for a text. @param cut how it falls into groups */
export async function cacheKey(text: string, tokenizer: Tokenizer, cut: string): Promise<string> {
  const { name, vocabularySize } = tokenizer;
  const decides = JSON.stringify([FORMAT, name, vocabularySize, tokenizer.toJSON(), cut]);
  return `${await sha256(new TextEncoder().encode(`${decides}\0${text}`))}.tokens`;
}

/** The entry, or nothing if there is none or it is damaged. */
export async function readEntry(cache: ByteCache, key: string): Promise<Encoded | undefined> {
  const file = await cache.read(key);
  if (!file || file.length < DIGEST_BYTES + 4 * HEADER_WORDS || file.length % 4 !== 0) return undefined;
  // A copy, for the integers to be aligned.
  const payload = file.slice(DIGEST_BYTES);
  const digest = await digestBytes(payload);
  if (digest.some((byte, at) => byte !== file[at])) return undefined;
  const words = new Int32Array(payload.buffer, payload.byteOffset, payload.length / 4);
  const [format, count = 0, groupCount = 0] = words;
  if (format !== FORMAT || count < 0 || words.length !== HEADER_WORDS + count + groupCount) return undefined;
  const groups = words.slice(HEADER_WORDS + count);
  // Whoever cuts chunks trusts the ends of the groups.
  if (groups.some((end, i) => end < (groups[i - 1] ?? 0)) || (groups.at(-1) ?? 0) !== count) return undefined;
  return { ids: words.slice(HEADER_WORDS, HEADER_WORDS + count), groups };
}

/** Keeps an entry. @returns false when it could not be kept */
export async function writeEntry(cache: ByteCache, key: string, { ids, groups }: Encoded): Promise<boolean> {
  const words = new Int32Array(HEADER_WORDS + ids.length + groups.length);
  words.set([FORMAT, ids.length, groups.length]);
  words.set(ids, HEADER_WORDS);
  words.set(groups, HEADER_WORDS + ids.length);
  const payload = new Uint8Array(words.buffer);
  const entry = new Uint8Array(DIGEST_BYTES + payload.length);
  entry.set(await digestBytes(payload));
  entry.set(payload, DIGEST_BYTES);
  return cache.write(key, entry);
}

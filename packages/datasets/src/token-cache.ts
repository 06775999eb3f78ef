/**
 * Encoded splits on disk. The name of an entry is the SHA-256 of the text and of everything that decides its ids;
 * the entry itself begins with the SHA-256 of the rest, so that a damaged one is noticed and made anew. Entries
 * are written aside and renamed: a reader never sees half of one.
 *
 * Layout: 32 bytes digest, then 32-bit integers: format, number of ids, number of groups, ids, group ends.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tokenizer } from '@ligature/core';
import type { Chunking } from './chunks.js';

const FORMAT = 1;
const DIGEST_BYTES = 32;
const HEADER_WORDS = 3;

export interface Encoded {
  readonly ids: Int32Array;
  /** End of every row group in `ids`. */
  readonly groups: Int32Array;
}

/** Name of the entry for a text. */
export function cacheKey(text: string, tokenizer: Tokenizer, chunking: Chunking): string {
  const { name, vocabularySize } = tokenizer;
  return createHash('sha256')
    .update(JSON.stringify([FORMAT, name, vocabularySize, tokenizer.toJSON(), chunking]))
    .update('\0')
    .update(text)
    .digest('hex');
}

const digestOf = (payload: Uint8Array): Buffer => createHash('sha256').update(payload).digest();

/** The entry, or nothing if there is none or it is damaged. */
export async function readEntry(folder: string, key: string): Promise<Encoded | undefined> {
  const file = await readFile(join(folder, `${key}.tokens`)).catch(() => undefined);
  if (!file || file.length < DIGEST_BYTES + 4 * HEADER_WORDS || file.length % 4 !== 0) return undefined;
  const payload = file.subarray(DIGEST_BYTES);
  if (!digestOf(payload).equals(file.subarray(0, DIGEST_BYTES))) return undefined;
  // A copy, for the integers to be aligned.
  const words = new Int32Array(new Uint8Array(payload).buffer);
  const [format, count = 0, groupCount = 0] = words;
  if (format !== FORMAT || count < 0 || words.length !== HEADER_WORDS + count + groupCount) return undefined;
  const groups = words.slice(HEADER_WORDS + count);
  // Whoever cuts chunks trusts the ends of the groups.
  if (groups.some((end, i) => end < (groups[i - 1] ?? 0)) || (groups.at(-1) ?? 0) !== count) return undefined;
  return { ids: words.slice(HEADER_WORDS, HEADER_WORDS + count), groups };
}

/** Keeps an entry. @returns false when the folder cannot be written: a cache is a convenience, not a need. */
export async function writeEntry(folder: string, key: string, { ids, groups }: Encoded): Promise<boolean> {
  const words = new Int32Array(HEADER_WORDS + ids.length + groups.length);
  words.set([FORMAT, ids.length, groups.length]);
  words.set(ids, HEADER_WORDS);
  words.set(groups, HEADER_WORDS + ids.length);
  const payload = new Uint8Array(words.buffer);
  const aside = join(folder, `${key}.${randomUUID()}.aside`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(aside, Buffer.concat([digestOf(payload), payload]));
    await rename(aside, join(folder, `${key}.tokens`));
    return true;
  } catch {
    await rm(aside, { force: true }).catch(() => undefined);
    return false;
  }
}

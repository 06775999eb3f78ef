/**
 * Ids of a long text in a file of a cache, read where somebody looks; in memory where there is no such cache.
 *
 * Layout: ids, two bytes each where the vocabulary allows it and four where not, little-endian; padding to four bytes; ends of
 * groups, 32-bit integers; the digest of the ids; then 64-bit floats: format, bytes of an id, ids, groups, bytes of the text.
 */
import { ContractError, InputError } from '@ligature/core';
import type { ByteCache, CachedFile, CachedFileWriter } from '@ligature/core';
import { digestBytes } from './digest.js';
import type { TokenIds } from './token-ids.js';

/** Of the layout, and of how a text is cut for its ids. */
export const TOKEN_FILE_FORMAT = 1;
const DIGEST_BYTES = 32;
const NUMBERS = 5;

export interface StoredTokens {
  readonly ids: TokenIds;
  /** End of every group in `ids`. */
  readonly groups: Int32Array;
  /** SHA-256 of the digests of blocks of ids: the same wherever they are stored. */
  readonly digest: Uint8Array;
  /** UTF-8 bytes of the text behind the ids. */
  readonly bytes: number;
}

type Width = 2 | 4;

/** @param size of the vocabulary */
export const widthFor = (size: number): Width => (size <= 0x1_0000 ? 2 : 4);

/** Ids that are written, and digested, together. */
const BLOCK = 1 << 20;

/** Takes ids from front to back. */
export class TokenWriter {
  readonly #width: Width;
  readonly #file: CachedFileWriter | undefined;
  readonly #kept: Int32Array[] = [];
  readonly #digests: Uint8Array[] = [];
  #block = new Int32Array(BLOCK);
  #filled = 0;
  #count = 0;

  private constructor(width: Width, file: CachedFileWriter | undefined) {
    this.#width = width;
    this.#file = file;
  }

  /** @throws InputError (`out-unwritable`) */
  static async begin(cache: ByteCache | undefined, name: string, width: Width): Promise<TokenWriter> {
    return new TokenWriter(width, await cache?.files?.create(name));
  }

  /** Ids so far. */
  get count(): number {
    return this.#count;
  }

  async append(ids: Int32Array): Promise<void> {
    for (let at = 0; at < ids.length;) {
      const part = ids.subarray(at, at + BLOCK - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === BLOCK) await this.#flush();
    }
    this.#count += ids.length;
    // Ends of groups are 32-bit integers.
    if (this.#count >= 2 ** 31) tooMany();
  }

  async keep(groups: Int32Array, bytes: number): Promise<StoredTokens> {
    await this.#flush();
    const digest = await digestBytes(concatenated(this.#digests));
    if (!this.#file) return { ids: inMemory(this.#kept, this.#count), groups, digest, bytes };
    await this.#file.append(new Uint8Array(padding(this.#count * this.#width)));
    await this.#file.append(bytesOf(groups));
    await this.#file.append(digest);
    const numbers = [TOKEN_FILE_FORMAT, this.#width, this.#count, groups.length, bytes];
    await this.#file.append(bytesOf(Float64Array.from(numbers)));
    const stored = storedIn(await this.#file.keep(), this.#width);
    if (stored) return stored;
    throw new ContractError('token-cache-damaged', {
      asked: 'Read the ids that were just written to the cache',
      found: 'they are not there as they were written',
      todo: 'Check the disk that holds the cache',
    });
  }

  discard = async (): Promise<void> => this.#file?.discard();

  async #flush(): Promise<void> {
    if (this.#filled === 0) return;
    const ids = this.#block.slice(0, this.#filled);
    this.#filled = 0;
    this.#digests.push(await digestBytes(bytesOf(ids)));
    if (!this.#file) this.#kept.push(ids);
    else await this.#file.append(bytesOf(this.#width === 2 ? Uint16Array.from(ids) : ids));
  }
}

/** The ids in a file of the cache. @returns nothing where there is none, or one of another layout */
export async function readStored(
  cache: ByteCache | undefined,
  name: string,
  width: Width,
): Promise<StoredTokens | undefined> {
  const file = await cache?.files?.open(name);
  return file && storedIn(file, width);
}

function storedIn(file: CachedFile, wanted: Width): StoredTokens | undefined {
  const numbers = new Float64Array(NUMBERS);
  const trailer = DIGEST_BYTES + numbers.byteLength;
  if (file.length < trailer) return undefined;
  file.read(bytesOf(numbers), file.length - numbers.byteLength);
  const [format, width, count = 0, groupCount = 0, bytes = 0] = numbers;
  if (format !== TOKEN_FILE_FORMAT || width !== wanted) return undefined;
  const idBytes = count * width;
  const groupsAt = idBytes + padding(idBytes);
  if (file.length !== groupsAt + 4 * groupCount + trailer) return undefined;
  const groups = new Int32Array(groupCount);
  file.read(bytesOf(groups), groupsAt);
  const digest = new Uint8Array(DIGEST_BYTES);
  file.read(digest, groupsAt + 4 * groupCount);
  // Whoever cuts chunks trusts the ends of the groups.
  if (groups.some((end, at) => end < (groups[at - 1] ?? 0)) || (groups.at(-1) ?? 0) !== count)
    return undefined;
  return { ids: inFile(file, count, width), groups, digest, bytes };
}

function inFile(file: CachedFile, length: number, width: Width): TokenIds {
  return {
    length,
    subarray(start, end) {
      const count = Math.max(0, Math.min(end, length) - start);
      const ids = width === 2 ? new Uint16Array(count) : new Int32Array(count);
      file.read(bytesOf(ids), start * width);
      return ids instanceof Int32Array ? ids : Int32Array.from(ids);
    },
  };
}

function inMemory(blocks: readonly Int32Array[], length: number): TokenIds {
  const ids = new Int32Array(length);
  blocks.forEach((block, at) => ids.set(block, at * BLOCK));
  return ids;
}

/** All machines that tfjs runs on are little-endian. */
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Bytes up to a multiple of four. */
const padding = (bytes: number): number => (4 - (bytes % 4)) % 4;

function concatenated(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function tooMany(): never {
  throw new InputError('text-too-long', {
    asked: 'Encode the text to train on',
    found: `it has more than ${2 ** 31 - 1} tokens`,
    todo: 'Train on a part of it',
  });
}

/**
 * The one reader of files that anybody may have put there: texts, configurations, weights, the files of a run. A pipe
 * would be waited for without end, a device gives bytes without end, and either may bear the name of a file: what is
 * read is a plain file, and no more of it than was agreed.
 */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs';
import { lstat, open, stat, type FileHandle } from 'node:fs/promises';

export interface PlainFileOptions {
  /** Bytes; a file with more is refused. Left out: what one buffer of Node's may hold. */
  readonly most?: number;
  /** `refuse`: the last part of the path may be no symbolic link, where the system can tell. Left out: links are followed. */
  readonly links?: 'follow' | 'refuse';
}

/** What `readFile` of Node takes at most. */
const MOST = 2 ** 31 - 1;

// Windows knows none of the three: no pipe has the name of a file there.
const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_NOCTTY = 0 } = constants;
const LEAST_GROWTH = 2 ** 16;
const MOST_AT_ONCE = 2 ** 30;

/**
 * All bytes of a plain file.
 *
 * @throws SystemError (`ENOENT`, `EACCES`, …), or an Error that says what it is instead of a plain file, or how large
 */
export async function readPlainFile(path: string, options: PlainFileOptions = {}): Promise<Buffer> {
  const file = await openPlainFile(path, O_RDONLY, options);
  try {
    const reading = new Reading((await file.stat()).size, options);
    for (;;) {
      const { buffer, from, room } = reading.next();
      const { bytesRead } = await file.read(buffer, from, room, null);
      if (bytesRead === 0) return reading.bytes();
      reading.took(bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** The same without waiting for others. */
export function readPlainFileSync(path: string, options: PlainFileOptions = {}): Buffer {
  assertMayOpen(refusesLinks(options) ? lstatSync(path) : statSync(path));
  const file = openSync(path, flagsOf(O_RDONLY, options));
  try {
    const stats = fstatSync(file);
    assertPlain(stats);
    const reading = new Reading(stats.size, options);
    for (;;) {
      const { buffer, from, room } = reading.next();
      const bytesRead = readSync(file, buffer, from, room, null);
      if (bytesRead === 0) return reading.bytes();
      reading.took(bytesRead);
    }
  } finally {
    closeSync(file);
  }
}

/**
 * Opens a plain file, at once: a pipe is not waited for. The caller closes it.
 *
 * @param flags `constants.O_RDONLY`, …
 * @throws as `readPlainFile`
 */
export async function openPlainFile(path: string, flags: number, options: Links = {}): Promise<FileHandle> {
  const there = await (refusesLinks(options) ? lstat(path) : stat(path)).catch((error: unknown) => {
    // By these flags it may be made.
    if ((flags & constants.O_CREAT) !== 0 && (error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  });
  if (there) assertMayOpen(there);
  const file = await open(path, flagsOf(flags, options));
  try {
    assertPlain(await file.stat());
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * Opens a plain file to be read by position, without waiting for others. The caller closes the descriptor.
 *
 * @throws as `readPlainFile`
 */
export function openPlainFileSync(path: string): number {
  assertMayOpen(statSync(path));
  const file = openSync(path, flagsOf(O_RDONLY, {}));
  try {
    assertPlain(fstatSync(file));
    return file;
  } catch (error) {
    closeSync(file);
    throw error;
  }
}

/** A buffer that grows with what is read: the size that a file says it has may be a lie, or become one. */
class Reading {
  #buffer: Buffer;
  #length = 0;
  readonly #most: number;

  constructor(size: number, { most = MOST }: PlainFileOptions) {
    if (size > most) throw tooLarge(size, most);
    this.#most = most;
    // One more, so that the end is met without growing.
    this.#buffer = Buffer.allocUnsafe(size + 1);
  }

  next(): { readonly buffer: Buffer; readonly from: number; readonly room: number } {
    if (this.#length === this.#buffer.length) {
      const larger = Buffer.allocUnsafe(
        Math.min(Math.max(2 * this.#buffer.length, LEAST_GROWTH), this.#most + 1),
      );
      this.#buffer.copy(larger);
      this.#buffer = larger;
    }
    const from = this.#length;
    return { buffer: this.#buffer, from, room: Math.min(this.#buffer.length - from, MOST_AT_ONCE) };
  }

  took(bytes: number): void {
    this.#length += bytes;
    if (this.#length > this.#most) throw tooLarge(this.#length, this.#most);
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

type Links = Pick<PlainFileOptions, 'links'>;

const refusesLinks = ({ links }: Links): boolean => links === 'refuse';

const flagsOf = (flags: number, options: Links): number =>
  flags | O_NONBLOCK | O_NOCTTY | (refusesLinks(options) ? O_NOFOLLOW : 0);

/** Opening alone does something to some devices. Of a link that is refused, opening says so. */
function assertMayOpen(stats: Stats): void {
  if (!stats.isSymbolicLink()) assertPlain(stats);
}

function assertPlain(stats: Stats): void {
  if (!stats.isFile()) throw new Error(`it is ${kindOf(stats)}, no plain file`);
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}

const tooLarge = (size: number, most: number): Error => new Error(`it has ${size} bytes, more than ${most}`);

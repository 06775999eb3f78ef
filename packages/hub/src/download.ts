/** One file from the Hub into the cache: resumed where it broke off, and whole or not there at all. */
import type { Hash } from 'node:crypto';
import { rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { isSystemError } from '@ligature/core/node';
import { beginChecksum, checksumOf } from './checksum.js';
import { backOff } from './clock.js';
import { bytesText, codeOf, hubError, stopped } from './errors.js';
import type { HubFile } from './listing.js';
import { claimPartial, etagOf, finishPartial, keepEtag, leavePartial, type Partial } from './partial.js';
import { chunksOf, request, RETRIES, type RequestSurroundings } from './request.js';
import type { About } from './refused.js';

export interface Download {
  readonly file: HubFile;
  readonly url: string;
  /** The folder of the blobs of its repository. */
  readonly blobs: string;
  readonly about: About;
  /** Told how many bytes of the file are there, which may become fewer. */
  readonly onBytes?: ((there: number) => void) | undefined;
}

/** Files of this process that were found whole, with their size and time: they are not read again. */
const verified = new Map<string, string>();

/**
 * The whole file in the cache, if it is there. It is read once in each process to see that it is whole; afterwards size and
 * time of change stand for that.
 *
 * @param thorough read it again
 * @param damaged told where one is not whole; it is removed
 */
export async function cachedBlob(
  blobs: string,
  file: HubFile,
  { thorough = false, damaged = (): void => undefined }: { thorough?: boolean; damaged?: () => void } = {},
): Promise<string | undefined> {
  const path = join(blobs, file.checksum.hex);
  const found = await stat(path).catch(() => undefined);
  if (!found) return undefined;
  const mark = `${found.size} ${found.mtimeMs}`;
  if (found.size === file.size && !thorough && verified.get(path) === mark) return path;
  const whole =
    found.isFile() &&
    found.size === file.size &&
    (await checksumOf(path, file)).hash.digest('hex') === file.checksum.hex;
  if (whole) {
    verified.set(path, mark);
    return path;
  }
  damaged();
  verified.delete(path);
  await rm(path, { recursive: true, force: true });
  return undefined;
}

/**
 * @returns the path of the whole file
 * @throws InputError (`hub-checksum`, `hub-interrupted`, `hub-disk-full`, `stopped`; those of `request`)
 */
export async function download(work: Download, around: RequestSurroundings): Promise<string> {
  const { file, blobs, about } = work;
  const name = file.checksum.hex;
  const partial = await claimPartial(blobs, name);
  let finished = false;
  try {
    for (let wrong = 0; ; wrong += 1) {
      const hash = await fill(partial, work, around);
      if (hash.digest('hex') === name) break;
      await partial.file.truncate(0);
      if (wrong === 1) {
        hubError(
          'hub-checksum',
          about.asked,
          `what came of "${file.path}" is twice not what the Hub says it is (${file.checksum.algorithm} ${name})`,
          'Check who answers in the place of the Hub (HF_ENDPOINT, a proxy), and try again later',
        );
      }
    }
    const blob = join(blobs, name);
    await finishPartial(partial, blob);
    finished = true;
    const { size, mtimeMs } = await stat(blob);
    verified.set(blob, `${size} ${mtimeMs}`);
    return blob;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') noRoom(work, error);
    throw error;
  } finally {
    if (!finished) await leavePartial(partial, blobs, name);
  }
}

/** Fetches what is missing, however often the connection breaks off, as long as something comes. @returns the checksum of all */
async function fill(partial: Partial, work: Download, around: RequestSurroundings): Promise<Hash> {
  const { file, about, onBytes } = work;
  let { hash, size } = await checksumOf(partial.bytes, file);
  if (size > file.size) [hash, size] = await restart(partial, file);
  let etag = await etagOf(partial);
  await assertRoom(work, file.size - size);
  onBytes?.(size);
  for (let failures = 0; size < file.size;) {
    const response = await request(
      work.url,
      { accept: '*/*', ...(size > 0 && { range: `bytes=${size}-`, ...(etag && { 'if-range': etag }) }) },
      about,
      around,
      [416],
    );
    const goesOn = size > 0 && continues(response, size, file);
    if (size > 0 && !goesOn) {
      // Another version, or a server without ranges.
      [hash, size] = await restart(partial, file);
      onBytes?.(0);
    }
    const before = size;
    if (response.status === 200 || goesOn) {
      etag = await keepEtag(partial, response.headers.get('etag'));
      try {
        for await (const chunk of chunksOf(response, around)) {
          // More than was announced is not written: it is not what was asked for.
          if (chunk.length > file.size - size) return beginChecksum(file);
          await writeAll(partial, chunk, size);
          hash.update(chunk);
          size += chunk.length;
          onBytes?.(size);
        }
      } catch (error) {
        if (around.signal?.aborted) throw stopped(about.asked);
        // Of the connection: it is made again. Of the disk: it stays.
        if (isSystemError(error) && error.syscall === 'write') throw error;
      }
    } else await response.body?.cancel().catch(() => undefined);
    if (size === file.size) break;
    failures = size > before ? 0 : failures + 1;
    if (failures > RETRIES) {
      hubError(
        'hub-interrupted',
        about.asked,
        `the connection broke off ${failures} times at byte ${size} of ${file.size} of "${file.path}"`,
        'Try again later: what has come is kept, and only the rest is fetched',
      );
    }
    const wait = backOff(failures + 1);
    around.waiting?.(
      `"${file.path}" broke off at ${bytesText(size)} of ${bytesText(file.size)}; going on in ${wait / 1000} s`,
    );
    await around.clock.sleep(wait, around.signal).catch((error: unknown) => {
      if (around.signal?.aborted) throw stopped(about.asked);
      throw error;
    });
  }
  return hash;
}

/** Whether an answer begins where the partial file ends. */
function continues(response: Response, size: number, file: HubFile): boolean {
  if (response.status !== 206) return false;
  const found = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '');
  return found !== null && Number(found[1]) === size && (found[2] === '*' || Number(found[2]) === file.size);
}

async function restart(partial: Partial, file: HubFile): Promise<[Hash, number]> {
  await partial.file.truncate(0);
  return [beginChecksum(file), 0];
}

async function writeAll({ file }: Partial, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** A size may be a lie: nothing is made by it, but what cannot fit is not begun. */
async function assertRoom(work: Download, missing: number): Promise<void> {
  const found = await statfs(work.blobs).catch(() => undefined);
  if (found && missing > found.bavail * found.bsize) noRoom(work);
}

function noRoom({ about, blobs, file }: Download, cause?: unknown): never {
  if (codeOf(cause) !== undefined) throw cause;
  return hubError(
    'hub-disk-full',
    about.asked,
    `"${file.path}" of ${bytesText(file.size)} has no room on the disk of ${blobs}`,
    'Free some space there, or set LIGATURE_CACHE to a folder on another disk',
    cause,
  );
}

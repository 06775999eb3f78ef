/** Texts of files from front to back, a part at a time, whatever their length. */
import { constants } from 'node:fs';
import { openPlainFile } from '@ligature/core/node';
import { datasetError, reasonOf } from '../sources/errors.js';

/** A stretch of a file, in bytes. */
export interface FileRange {
  readonly path: string;
  readonly from: number;
  /** Beyond the last one. */
  readonly to: number;
  /** Of the whole file. */
  readonly size: number;
}

/**
 * How files become one text: `alone`, the only one as it is; `lines`, one behind the other, each ending its last line;
 * `paragraphs`, with a blank line between two. Files without any word are left out but for the only one.
 */
export type Joining = 'alone' | 'lines' | 'paragraphs';

const BLOCK = 1 << 20;

/**
 * Bytes of a range, a block at a time; what is given is overwritten by the next one.
 *
 * @param signal ends it before the next block
 * @throws InputError (`dataset-missing`; `dataset-changed` for a file that is shorter by now; `stopped`)
 */
export async function* blocksOf(
  { path, from, to }: FileRange,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const file = await openPlainFile(path, constants.O_RDONLY).catch((error: unknown) =>
    datasetError('dataset-missing', path, reasonOf(error), 'Put it there again', error),
  );
  try {
    const block = Buffer.allocUnsafe(Math.min(BLOCK, to - from));
    for (let at = from; at < to;) {
      if (signal?.aborted) stopped(path);
      const { bytesRead } = await file.read(block, 0, Math.min(block.length, to - at), at);
      if (bytesRead === 0)
        datasetError('dataset-changed', path, `it ends at byte ${at}, and had ${to}`, 'Begin again');
      yield block.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/**
 * The text of a range: UTF-8, without a byte order mark at the beginning of the file, line ends as LF.
 *
 * @throws InputError (`dataset-not-utf8`, those of blocksOf)
 */
export async function* partsOf(range: FileRange, signal?: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: range.from > 0 });
  const decode = (bytes?: Uint8Array): string => {
    try {
      return decoder.decode(bytes, { stream: bytes !== undefined });
    } catch (error) {
      return datasetError(
        'dataset-not-utf8',
        range.path,
        'it is not UTF-8 text',
        'Convert it to UTF-8 first',
        error,
      );
    }
  };
  // A line end of two characters may be cut in two.
  let held = '';
  for await (const block of blocksOf(range, signal)) {
    const text = held + decode(block);
    held = text.endsWith('\r') ? '\r' : '';
    const part = text.slice(0, text.length - held.length).replaceAll('\r\n', '\n');
    if (part !== '') yield part;
  }
  const rest = (held + decode()).replaceAll('\r\n', '\n');
  if (rest !== '') yield rest;
}

const stopped = (path: string): never => datasetError('stopped', path, 'the run was stopped', 'Begin again');

/** Whether there is nothing but white space in a file. */
export async function isBlank(range: FileRange): Promise<boolean> {
  for await (const part of partsOf(range)) if (part.trim() !== '') return false;
  return true;
}

/** Ranges as one text. @param ranges of files that are not blank @throws InputError (those of partsOf) */
export async function* joinedParts(
  ranges: readonly FileRange[],
  joining: Joining,
  signal?: AbortSignal,
): AsyncGenerator<string> {
  for (const [place, range] of ranges.entries()) {
    const isLast = place === ranges.length - 1;
    const parts = partsOf(range, signal);
    yield* joining === 'paragraphs' ? withoutEnd(parts, endOf(range, isLast)) : parts;
    if (joining === 'lines' && !isLast && !(await endsLine(range))) yield '\n';
  }
}

/** What stands in place of the line ends at the end of a range; nothing: they stay, where the rest of the file is elsewhere. */
const endOf = ({ to, size }: FileRange, isLast: boolean): string | undefined =>
  to < size ? undefined : isLast ? '\n' : '\n\n';

async function* withoutEnd(parts: AsyncIterable<string>, end: string | undefined): AsyncGenerator<string> {
  let lineEnds = 0;
  for await (const part of parts) {
    const text = part.replace(/\n+$/u, '');
    if (text !== '') {
      for (; lineEnds > 0; lineEnds -= Math.min(lineEnds, BLOCK))
        yield '\n'.repeat(Math.min(lineEnds, BLOCK));
      yield text;
    }
    lineEnds += part.length - text.length;
  }
  if (end !== undefined) yield end;
  else if (lineEnds > 0) yield '\n'.repeat(lineEnds);
}

async function endsLine({ path, to, size }: FileRange): Promise<boolean> {
  for await (const [byte] of blocksOf({ path, from: to - 1, to, size })) return byte === 0x0a;
  return false;
}

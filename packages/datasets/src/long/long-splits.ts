/** Texts that are too long to be held at once: read in a stream to train on, and a few megabytes of them held out. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type { LongText, SplitOrigin } from '@ligature/core';
import { smallest, spreadOver } from '@ligature/core';
import { MAX_BYTES, tooLarge } from '../sources/files.js';
import type { Shares } from '../splits.js';
import { borderNear, wholeLines } from './borders.js';
import { blocksOf, isBlank, joinedParts, type FileRange, type Joining } from './parts.js';

/** Files of more bytes together are read in a stream: held at once, a text takes six times its size with its tokens. */
export const LONG_TEXT = 64 * 2 ** 20;

/** Bytes that are held out of a long text at most, however large the share: a million tokens tell models apart. */
const MOST_HELD_OUT = 4 * 2 ** 20;

export interface LongSource {
  /** Paths of the files to train on. */
  readonly paths: readonly string[];
  readonly joining: Joining;
  /** Shares of the text that are held out, of the splits that have no files of their own. */
  readonly shares: Partial<Shares>;
  readonly origin: SplitOrigin;
  /** Ends reading. */
  readonly signal?: AbortSignal | undefined;
  /** Bytes up to which a text is none of these. */
  readonly most?: number | undefined;
}

/** A long text to train on, and what is held out of it. */
export interface LongSplits {
  readonly train: LongText;
  readonly validation?: string;
  readonly test?: string;
}

/**
 * @returns nothing where the files are short enough to be read at once, or are no plain files
 * @throws InputError (those of partsOf)
 */
export async function longSplits(source: LongSource): Promise<LongSplits | undefined> {
  const { paths, joining, shares, origin, signal, most = LONG_TEXT } = source;
  const files = await Promise.all(paths.map(wholeFile));
  const bytes = sum(files);
  if (bytes <= most) return undefined;
  const filled: FileRange[] = [];
  for (const file of files) if (joining === 'alone' || !(await isBlank(file))) filled.push(file);
  const all = sum(filled);
  const held = (share = 0): number => Math.floor(Math.min(share * all, MOST_HELD_OUT));
  // A border may lie off its place by half the smallest split, so that none can vanish.
  const slack = Math.floor(smallest(Object.values(shares).map(held)) / 2);
  const test = await cutAt(filled, all - held(shares.test), slack);
  const validation = await cutAt(filled, test - held(shares.validation), slack);
  const between = async (from: number, to: number): Promise<string> => {
    const parts: string[] = [];
    for await (const part of joinedParts(stretch(filled, from, to), joining)) parts.push(part);
    return parts.join('');
  };
  return {
    train: longText(stretch(filled, 0, validation), joining, origin, signal),
    ...(shares.validation !== undefined && { validation: await between(validation, test) }),
    ...(shares.test !== undefined && { test: await between(test, all) }),
  };
}

async function wholeFile(path: string): Promise<FileRange> {
  const size = await stat(path).then(
    (found) => (found.isFile() ? found.size : 0),
    () => 0,
  );
  return { path, from: 0, to: size, size };
}

const sum = (ranges: readonly FileRange[]): number =>
  ranges.reduce((total, { from, to }) => total + to - from, 0);

/** A border near a place in all files one after the other; an end of the text stays where it is. */
async function cutAt(files: readonly FileRange[], place: number, slack: number): Promise<number> {
  let before = 0;
  for (const file of files) {
    const at = place - before;
    if (at > 0 && at < file.size) return before + (await borderNear(file, at, slack));
    before += file.size;
  }
  return place;
}

/** What lies between two places in all ranges one after the other. */
function stretch(ranges: readonly FileRange[], from: number, to: number): FileRange[] {
  let before = 0;
  return ranges.flatMap((range) => {
    const shift = range.from - before;
    before += range.to - range.from;
    const part = {
      ...range,
      from: Math.max(range.from, from + shift),
      to: Math.min(range.to, to + shift),
    };
    return part.from < part.to ? [part] : [];
  });
}

function longText(
  ranges: readonly FileRange[],
  joining: Joining,
  origin: SplitOrigin,
  signal: AbortSignal | undefined,
): LongText {
  const bytes = sum(ranges);
  return {
    ...{ origin, bytes },
    async digest() {
      const hash = createHash('sha256').update(joining);
      for (const range of ranges) {
        hash.update(`\0${range.to - range.from}\0${range.to === range.size}\0`);
        for await (const block of blocksOf(range, signal)) hash.update(block);
      }
      return hash.digest('hex');
    },
    parts: () => joinedParts(ranges, joining, signal),
    sample: (wanted) => sampleOf(ranges, joining, wanted),
  };
}

/** Stretches of a sample. */
const STRETCHES = 64;

async function sampleOf(ranges: readonly FileRange[], joining: Joining, wanted: number): Promise<string> {
  const bytes = sum(ranges);
  const length = Math.floor(wanted / STRETCHES);
  const places = Math.floor(bytes / Math.max(1, length));
  const texts: string[] = [];
  const read = async (chosen: readonly FileRange[]): Promise<void> => {
    for await (const part of joinedParts(chosen, joining)) texts.push(part);
  };
  if (places <= STRETCHES) await read(ranges);
  else {
    for (const place of spreadOver(STRETCHES, places)) {
      const lines = stretch(ranges, place * length, (place + 1) * length).map(wholeLines);
      await read(await Promise.all(lines));
    }
  }
  return texts.join('');
}

/** All of a long text, for who cannot read it in parts. @throws InputError (`dataset-too-large`) */
export async function heldText(text: LongText, where: string): Promise<string> {
  if (text.bytes > MAX_BYTES) tooLarge(where, text.bytes);
  const parts: string[] = [];
  for await (const part of text.parts()) parts.push(part);
  return parts.join('');
}

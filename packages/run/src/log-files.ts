/** The files of an event log: `events-000001.jsonl`, …, the oldest first, and `events.jsonl`, which is written. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const CURRENT = 'events.jsonl';

/** The name of a file that was rotated away as the `index`-th. */
export const rotated = (index: number): string => `events-${String(index).padStart(6, '0')}.jsonl`;

/** Where a log stands: files rotated away so far, and bytes of the current one. */
export interface LogPosition {
  readonly file: number;
  readonly bytes: number;
}

export const logPositionSchema = z.strictObject({ file: z.int().min(0), bytes: z.int().min(0) });

/** Of the rotated files that are there, in their order. */
export const indices = (folder: string): number[] =>
  readdirSync(folder)
    .flatMap((name) => /^events-(\d{6,})\.jsonl$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

/** Where the file lies that has that number, or will have it when it is rotated away. */
export function placeOf(folder: string, index: number): string {
  const since = join(folder, rotated(index));
  return existsSync(since) ? since : join(folder, CURRENT);
}

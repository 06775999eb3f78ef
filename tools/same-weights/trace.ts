/**
 * What a run leaves behind, read from its bytes. Deliberately without a line of the packages: a reader that
 * changes together with a writer would find nothing.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind } from './runs.js';

export interface Tensor {
  readonly type: string;
  readonly shape: readonly number[];
  readonly data: Buffer;
}

export interface Weights {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** From the file's metadata: of the layers, and of each component of theirs. */
  readonly tieMap: readonly number[];
  readonly tieMaps: Readonly<Record<string, readonly number[]>>;
}

export type Event = Readonly<Record<string, unknown>> & { readonly type: string };

export interface Trace {
  readonly weights: Weights;
  readonly events: readonly Event[];
}

/** Of the newest checkpoint, by its number. */
export function readTrace(folder: string): Trace {
  const checkpoints = join(folder, 'checkpoints');
  const [newest] = readdirSync(checkpoints)
    .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
    .sort((a, b) => Number(b) - Number(a));
  if (newest === undefined) throw new Error(`There is no checkpoint in ${checkpoints}`);
  return {
    weights: parseWeights(readFileSync(join(checkpoints, `step-${newest}`, 'model.safetensors'))),
    events: parseEvents(readFileSync(join(folder, 'events.jsonl'), 'utf8')),
  };
}

export function parseEvents(log: string): Event[] {
  return log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
}

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

/** safetensors: 8 bytes length of the header, the header as JSON, the data. */
export function parseWeights(bytes: Buffer): Weights {
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__: metadata, ...entries } = JSON.parse(bytes.toString('utf8', 8, start)) as Header & {
    __metadata__?: Record<string, string>;
  };
  const tensors = Object.entries(entries as Header).map(([name, { dtype, shape, data_offsets }]) => {
    const [begin, end] = data_offsets;
    return [name, { type: dtype, shape, data: bytes.subarray(start + begin, start + end) }] as const;
  });
  return {
    tensors: new Map(tensors),
    tieMap: JSON.parse(metadata?.['tieMap'] ?? '[]') as number[],
    tieMaps: JSON.parse(metadata?.['tieMaps'] ?? '{}') as Record<string, number[]>,
  };
}

/** How often layers were tied and untied in the course of a run. */
export function countMoves(events: readonly Event[]): Readonly<Record<Kind, number>> {
  const moves = { tie: 0, untie: 0 };
  let before: readonly number[] | undefined;
  for (const event of events) {
    if (event.type !== 'run.started' && event.type !== 'tying.applied') continue;
    const map = event['tieMap'] as readonly number[];
    map.forEach((source, layer) => {
      const was = before?.[layer] ?? source;
      if (was === layer && source !== layer) moves.tie += 1;
      if (was !== layer && source === layer) moves.untie += 1;
    });
    before = map;
  }
  return moves;
}

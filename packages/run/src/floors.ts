/**
 * Reference points that need no training, measured on exactly the batches that a run's final evaluation measures and folded
 * by the same metrics. What a floor says of one set is kept: only the first run on some data counts.
 */
import type {
  EvaluationSet,
  Floor,
  MeasuredFloor,
  Metrics,
  Prepared,
  RunConfig,
  SplitName,
  Task,
} from '@ligature/core';
import { sha256 } from '@ligature/tasks';
import { z } from 'zod';
import { enterStage, type ComposeEnvironment } from './compose-environment.js';

/** Of what is kept. */
const FORMAT = 1;

export interface FloorRequest {
  readonly prepared: Pick<Prepared, 'floors'>;
  readonly task: Task;
  readonly config: RunConfig;
  /** Longest sequence that the model reads. */
  readonly context: number | undefined;
  /** Those that results are measured on. */
  readonly sets: Readonly<Partial<Record<SplitName, EvaluationSet>>>;
}

/** A floor with the metrics of each set that was asked for. */
export interface FloorOnSets extends Pick<MeasuredFloor, 'name' | 'description'> {
  readonly splits: Readonly<Partial<Record<SplitName, Metrics>>>;
}

/** Those of the task, the weakest first; none where it names none. */
export async function measureFloors(
  { prepared, task, config, context, sets }: FloorRequest,
  env: Pick<ComposeEnvironment, 'bus' | 'cache'>,
): Promise<readonly FloorOnSets[]> {
  const floors = prepared.floors?.({ batch: config.evaluation.batch, context }) ?? [];
  const measured = floors.map((floor) => ({ floor, splits: {} as Partial<Record<SplitName, Metrics>> }));
  const stage = onceSaid(
    env,
    `Counting what needs no training: ${floors.map(({ name }) => name).join(', ')} …`,
  );
  for (const [split, set] of Object.entries(sets) as [SplitName, EvaluationSet][]) {
    // One digest for all floors of a set, and none where nothing could be kept.
    const digest = env.cache && floors.some(({ key }) => key !== undefined) ? await digestOf(set) : undefined;
    for (const { floor, splits } of measured) {
      const entry = await entryName(floor, config.task, digest);
      const kept = entry === undefined ? undefined : await readEntry(env, entry);
      if (!kept) await stage();
      const found = kept ?? foldScores(floor, task, set);
      if (entry !== undefined && !kept) await env.cache?.write(entry, encode(found));
      splits[split] = found;
    }
  }
  return measured.map(({ floor: { name, description }, splits }) => ({ name, description, splits }));
}

/** As results keep them. */
export const floorsOfResult = (floors: readonly FloorOnSets[]): readonly MeasuredFloor[] =>
  floors.map(({ name, description, splits: { validation = {}, test = {} } }) => ({
    ...{ name, description },
    ...{ validation, test },
  }));

function foldScores(floor: Floor, { metrics }: Task, { scope, batches }: EvaluationSet): Metrics {
  const folds = metrics.map(({ name, fold }) => ({ name, fold: fold() }));
  for (const batch of batches) {
    const scores = floor.score(batch);
    for (const { fold } of folds) fold.add(scores);
  }
  return Object.fromEntries(
    folds.flatMap(({ name, fold }) => {
      const value = fold.finish(scope);
      return value === undefined || !Number.isFinite(value) ? [] : [[name, value]];
    }),
  );
}

/** Of all that is scored, so that other chunks or fewer of them are another set. */
async function digestOf({ scope, batches }: EvaluationSet): Promise<string> {
  const fields = batches.flatMap((batch) => Object.entries(batch.fields));
  const shapes = JSON.stringify([scope, fields.map(([name, { shape, dtype }]) => [name, shape, dtype])]);
  const parts = [
    new TextEncoder().encode(`${shapes}\0`),
    ...fields.map(([, { data }]) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return sha256(all);
}

/** `undefined` for one that is not to be kept. The options of the task decide what a mean is taken over. */
async function entryName(
  { name, key }: Floor,
  task: RunConfig['task'],
  digest: string | undefined,
): Promise<string | undefined> {
  if (key === undefined || digest === undefined) return undefined;
  const all = JSON.stringify([FORMAT, task.name, task.options, name, key, digest]);
  return `floors/${(await sha256(new TextEncoder().encode(all))).slice(0, 32)}.json`;
}

const encode = (metrics: Metrics): Uint8Array => new TextEncoder().encode(JSON.stringify(metrics));

const entrySchema = z.record(z.string(), z.number());

/** A damaged entry is as good as none. */
async function readEntry(
  { cache }: Pick<ComposeEnvironment, 'cache'>,
  name: string,
): Promise<Metrics | undefined> {
  const bytes = await cache?.read(name);
  if (!bytes) return undefined;
  try {
    return entrySchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data;
  } catch {
    return undefined;
  }
}

function onceSaid(env: Pick<ComposeEnvironment, 'bus'>, message: string): () => Promise<void> {
  let said = false;
  return async () => {
    if (said) return;
    said = true;
    await enterStage(env, message);
  };
}

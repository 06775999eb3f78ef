/** What a checkpoint of a run consists of, and how a run is put back to one. */
import {
  ContractError,
  dataLabel,
  describeIssues,
  InputError,
  TOKENS,
  type Prepared,
  type RunContainer,
  type Snapshot,
  type SplitName,
} from '@ligature/core';
import { checkpointName, type Checkpoints, type KeptWeights } from '@ligature/trainer';
import type { CheckpointStore, LoadedCheckpoint, ModelDescription } from '@ligature/trainer/node';
import type { WeightRegistry } from '@ligature/weight-sharing';
import { z } from 'zod';
import type { EventLog } from './event-log.js';
import { logDigestsSchema, type LogFileDigest } from './log-check.js';
import { logPositionSchema, type LogPosition } from './log-files.js';
import { savedRegistry } from './saved-registry.js';

/** The part that the training loop puts back by itself. */
const TRAINER = 'trainer';

export class RunCheckpoints implements Checkpoints {
  /** What every checkpoint of the run holds alike: made once, not at every save. */
  private readonly model: Omit<ModelDescription, 'step'>;
  private readonly digests: Prepared['digests'];
  private readonly registry: WeightRegistry;

  /** Where the log stood at the newest checkpoints: as many as may be gone back to. */
  private positions: readonly LogPosition[];

  /**
   * @param score what the best checkpoint is kept by, lowest first; `undefined` where there was no evaluation
   */
  constructor(
    private readonly container: RunContainer,
    private readonly store: CheckpointStore,
    private readonly log: EventLog,
    private readonly score: (step: number) => number | undefined,
    /** Further parts, as they are at that moment. */
    private readonly more: () => Readonly<Record<string, Snapshot>> = () => ({}),
  ) {
    const { saved, inputs, digests } = container.get(TOKENS.prepared);
    this.model = { config: container.get(TOKENS.config), task: saved, inputs };
    this.digests = digests;
    this.positions = log.position.bytes > 0 ? [log.position] : [];
    this.registry = container.get(TOKENS.registry) as WeightRegistry;
  }

  async save(step: number): Promise<string> {
    // First the log: a checkpoint must never refer to lines that a crash could still take away.
    this.log.sync();
    const score = this.score(step);
    const moving = [...this.container.states].map(([name, part]) => [name, part.snapshot()] as const);
    const position = { ...this.log.position };
    const path = await this.store.save({
      step,
      ...(score !== undefined && { score }),
      model: { ...this.model, step },
      weights: this.registry.exportWeights(),
      parts: {
        ...Object.fromEntries(moving),
        registry: this.registry.snapshot(),
        log: position,
        logFiles: this.log.digests.map((file) => ({ ...file })),
        data: { ...this.digests },
        ...this.more(),
      },
    });
    this.positions = [...this.positions, position].slice(-this.store.keepLast);
    this.log.keepFrom(this.positions[0] as LogPosition);
    return path;
  }

  async rollBack(): Promise<{ step: number; trainer: Snapshot } | undefined> {
    const checkpoint = await this.store.latest();
    if (!checkpoint) return undefined;
    restoreRun(checkpoint, this.container, [TRAINER]);
    return { step: checkpoint.step, trainer: partOf(checkpoint, TRAINER) };
  }

  async weightsOf(step: number): Promise<KeptWeights> {
    const { model, parts } = await this.store.open(checkpointName(step));
    const config = this.container.get(TOKENS.config);
    const registry = savedRegistry(this.container.get(TOKENS.objective), config, model.weights, parts);
    return { view: registry.view(), dispose: () => registry.dispose() };
  }
}

/**
 * Puts every part back.
 *
 * @param except parts that are left as they are
 * @throws ContractError when the checkpoint lacks one: it is of another kind of run
 */
export function restoreRun(
  checkpoint: LoadedCheckpoint,
  container: RunContainer,
  except: readonly string[] = [],
): void {
  const registry = container.get(TOKENS.registry) as WeightRegistry;
  registry.restore(partOf(checkpoint, 'registry'), checkpoint.model.weights);
  for (const [name, part] of container.states) {
    if (!except.includes(name)) part.restore(partOf(checkpoint, name));
  }
}

/** What the files of the log were; `undefined` for checkpoints of versions that did not say it. */
export function logDigestsOf(checkpoint: LoadedCheckpoint): readonly LogFileDigest[] | undefined {
  if (!Object.hasOwn(checkpoint.parts, 'logFiles')) return undefined;
  const parsed = logDigestsSchema.safeParse(checkpoint.parts['logFiles']);
  const { file, bytes } = logPositionOf(checkpoint);
  const last = parsed.data?.at(-1);
  if (parsed.success && last?.file === file + 1 && last.bytes === bytes) return parsed.data;
  throw new ContractError('checkpoint-incomplete', {
    asked: `Restore "logFiles" from ${checkpoint.name}`,
    found: parsed.success
      ? 'they end elsewhere than the log did'
      : `they are none: ${describeIssues(parsed.error)}`,
    todo: 'Resume from another checkpoint',
  });
}

/** Where the event log stood. */
export function logPositionOf(checkpoint: LoadedCheckpoint): LogPosition {
  const position = logPositionSchema.safeParse(partOf(checkpoint, 'log'));
  if (position.success) return position.data;
  throw new ContractError('checkpoint-incomplete', {
    asked: `Restore "log" from ${checkpoint.name}`,
    found: `it is no place in an event log: ${describeIssues(position.error)}`,
    todo: 'Resume from another checkpoint',
  });
}

const digestsSchema = z.record(z.string(), z.string());

type Parts = Pick<LoadedCheckpoint, 'name' | 'parts'>;

/** Digests of the data that a checkpoint was trained on, by split. */
export function digestsOf(checkpoint: Parts): Readonly<Record<string, string>> {
  // Of before there were tasks: the digest of the training ids alone.
  const first = checkpoint.parts['text'];
  if (typeof first === 'string') return { train: first };
  const parsed = digestsSchema.safeParse(partOf(checkpoint, 'data'));
  if (parsed.success) return parsed.data;
  throw new ContractError('checkpoint-incomplete', {
    asked: `Restore "data" from ${checkpoint.name}`,
    found: `it holds no digests: ${describeIssues(parsed.error)}`,
    todo: 'Resume from another checkpoint',
  });
}

export interface ComparedData {
  /** Splits that are not what they were. */
  readonly changed: readonly SplitName[];
  /** Splits that a checkpoint of an older version has no digest of. */
  readonly unknown: readonly SplitName[];
}

/** The data of a checkpoint beside that of today. */
export function compareData(
  before: Readonly<Record<string, string>>,
  { digests }: Pick<Prepared, 'digests'>,
): ComparedData {
  const splits = Object.keys(digests) as SplitName[];
  return {
    changed: splits.filter((split) => before[split] !== undefined && before[split] !== digests[split]),
    unknown: splits.filter((split) => before[split] === undefined),
  };
}

/**
 * @returns the splits of which it cannot be told
 * @throws InputError (`run-data-changed`) naming the splits that are not what the run has been trained and measured on
 */
export function assertSameData(
  checkpoint: LoadedCheckpoint,
  prepared: Pick<Prepared, 'digests'>,
): readonly SplitName[] {
  const { changed, unknown } = compareData(digestsOf(checkpoint), prepared);
  if (changed.length === 0) return unknown;
  throw dataChanged(`Resume a run on "${dataLabel(checkpoint.model.config)}"`, changed);
}

/** @param before what it was, for people */
export const dataChanged = (
  asked: string,
  splits: readonly string[],
  before = 'what the run began with',
): InputError =>
  new InputError('run-data-changed', {
    asked,
    found: `its data (${splits.join(', ')}) is not ${before}`,
    todo: 'Put the data back as it was, or train a new run',
  });

/** What is to be said of data that an older version kept no digest of. */
export const dataUnknown = (splits: readonly string[]): string =>
  `the run was saved by an older version, without digests of its data (${splits.join(', ')}): whether that has changed since cannot be told`;

function partOf({ name, parts }: Parts, part: string): Snapshot {
  if (Object.hasOwn(parts, part)) return parts[part] as Snapshot;
  throw new ContractError('checkpoint-incomplete', {
    asked: `Restore "${part}" from ${name}`,
    found: `it holds only ${Object.keys(parts).join(', ')}`,
    todo: 'Resume with the plug-ins and the configuration of the run',
  });
}

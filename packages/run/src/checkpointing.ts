/** What a checkpoint of a run consists of, and how a run is put back to one. */
import { createHash } from 'node:crypto';
import {
  ContractError,
  describeIssues,
  InputError,
  type RunConfig,
  type Snapshot,
  type Snapshotable,
} from '@ligature/core';
import type { Checkpoints, CheckpointStore, LoadedCheckpoint, ModelDescription } from '@ligature/trainer';
import type { WeightRegistry } from '@ligature/weight-sharing';
import { logPositionSchema, type EventLog, type LogPosition } from './event-log.js';
import type { PreparedText } from './text.js';

/** Everything of a run that moves, by name. The weights and what belongs to them go through the registry. */
export type RunParts = Record<string, Snapshotable>;

export class RunCheckpoints implements Checkpoints {
  /** What every checkpoint of the run holds alike: made once, not at every save. */
  private readonly model: Omit<ModelDescription, 'step'>;
  private readonly digest: string;

  constructor(
    config: RunConfig,
    text: PreparedText,
    private readonly store: CheckpointStore,
    private readonly log: EventLog,
    private readonly registry: WeightRegistry,
    private readonly parts: Readonly<RunParts>,
    /** The validation loss at a step, for keeping the best checkpoint; `undefined` when there was none. */
    private readonly score: (step: number) => number | undefined,
  ) {
    const { tokenizer } = text;
    this.model = { config, tokenizerJson: tokenizer.toJSON(), vocabularySize: tokenizer.vocabularySize };
    this.digest = textDigest(text);
  }

  async save(step: number): Promise<string> {
    // First the log: a checkpoint must never refer to lines that a crash could still take away.
    await this.log.sync();
    const score = this.score(step);
    return this.store.save({
      step,
      ...(score !== undefined && { score }),
      model: { ...this.model, step },
      weights: this.registry.exportWeights(),
      parts: {
        ...Object.fromEntries(Object.entries(this.parts).map(([name, part]) => [name, part.snapshot()])),
        registry: this.registry.snapshot(),
        log: { ...this.log.position },
        text: this.digest,
      },
    });
  }

  async rollBack(): Promise<number | undefined> {
    const checkpoint = await this.store.latest();
    if (!checkpoint) return undefined;
    restoreRun(checkpoint, this.registry, this.parts);
    return checkpoint.step;
  }
}

/** Puts every part back. @throws ContractError when the checkpoint lacks one: it is of another kind of run */
export function restoreRun(
  checkpoint: LoadedCheckpoint,
  registry: WeightRegistry,
  parts: Readonly<RunParts>,
): void {
  registry.restore(partOf(checkpoint, 'registry'), checkpoint.model.weights);
  for (const [name, part] of Object.entries(parts)) part.restore(partOf(checkpoint, name));
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

/** @throws InputError (`run-text-changed`) when the text is not the one that the run has been trained on */
export function assertSameText(checkpoint: LoadedCheckpoint, text: PreparedText): void {
  if (partOf(checkpoint, 'text') === textDigest(text)) return;
  throw new InputError('run-text-changed', {
    asked: `Resume a run on "${checkpoint.model.config.dataset.name}"`,
    found: 'the text is not the one that the run has been trained on',
    todo: 'Put the text back as it was, or train a new run',
  });
}

function partOf({ name, parts }: LoadedCheckpoint, part: string): Snapshot {
  if (Object.hasOwn(parts, part)) return parts[part] as Snapshot;
  throw new ContractError('checkpoint-incomplete', {
    asked: `Restore "${part}" from ${name}`,
    found: `it holds only ${Object.keys(parts).join(', ')}`,
    todo: 'Resume with the plug-ins and the configuration of the run',
  });
}

/** Digest of the training ids: the same text under the same tokenizer. */
function textDigest({ tokens }: PreparedText): string {
  const { buffer, byteOffset, byteLength } = tokens.tokens('train');
  return createHash('sha256')
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest('hex');
}

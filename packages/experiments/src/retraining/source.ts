/** The run that is retrained: what it found, and the checkpoint that `continued` goes on from. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalTieMap, independentLayers, InputError, type RunConfig } from '@ligature/core';
import { CheckpointStore } from '@ligature/trainer';
import { z } from 'zod';
import { controllerLabel } from '../controller-label.js';
import { assertNoLinksOut, makeFolders, readJson } from '../run-folder.js';
import { beganOn } from '../take-backend.js';
import type { RetrainedRun } from './types.js';

export interface RetrainingSource {
  readonly run: RetrainedRun;
  /** The run's, on the backend on which it began. */
  readonly config: RunConfig;
  /** Name of the checkpoint that was taken. */
  readonly checkpoint: string;
}

const mapSchema = z.array(z.int().min(0)).min(1);
const resultSchema = z.looseObject({
  outcome: z.literal('completed'),
  steps: z.int().min(0),
  test: z.looseObject({ nats: z.number() }),
});

/**
 * Reads a run, finished or stopped at a checkpoint; nothing is changed in its folder.
 *
 * @throws InputError (`run-unreadable`, `run-link-outside`, `checkpoints-unusable`)
 */
export async function readRetrainingSource(folder: string): Promise<RetrainingSource> {
  assertNoLinksOut(folder);
  const newest = await new CheckpointStore(join(folder, 'checkpoints')).latest();
  if (!newest) throw unreadable(folder, 'it has no checkpoint');
  const { config, weights, step } = newest.model;
  const map = mapSchema.safeParse(parse(weights.metadata['tieMap']));
  if (!map.success) throw unreadable(folder, 'its model has no tie map');
  const tieMap = canonicalTieMap(map.data);
  const result = resultSchema.safeParse(readJson(join(folder, 'result.json'))).data;
  const backend = config.backend.name === 'auto' ? beganOn(folder) : undefined;
  return {
    run: {
      folder,
      controller: controllerLabel(config.controller),
      seed: config.seed,
      steps: step,
      budget: config.training.steps,
      tieMap,
      blocks: independentLayers(tieMap).length,
      // A result of another step is not of this model.
      loss: result?.steps === step ? result.test.nats : null,
    },
    config: backend === undefined ? config : { ...config, backend: { name: backend, options: {} } },
    checkpoint: newest.name,
  };
}

/** Below the study's folder, so that it can go on whatever becomes of the run. */
export const START = 'start';

/** Copies the checkpoint that `continued` starts from into the study. */
export function keepStart({ run, checkpoint }: RetrainingSource, folder: string): void {
  const place = join(folder, START, 'checkpoints');
  makeFolders(place);
  cpSync(join(run.folder, 'checkpoints', checkpoint), join(place, checkpoint), { recursive: true });
}

function parse(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unreadable(folder: string, found: string): InputError {
  return new InputError('run-unreadable', {
    asked: `Retrain the tie map of the run "${folder}"`,
    found,
    todo: 'Give the folder of a run that `ligature train` began; those of a landscape keep no models',
  });
}

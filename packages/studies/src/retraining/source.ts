/** The run that is retrained: what it found, and the checkpoint that `continued` goes on from. */
import { join } from 'node:path';
import {
  canonicalTieMap,
  independentLayers,
  InputError,
  type RunConfig,
  type TrialStore,
} from '@ligature/core';
import { readPlainFile } from '@ligature/core/node';
import { assertNoLinksOut, beganOn, controllerLabel, readJson, readTrialResult } from '@ligature/run';
import { bestStepOf, checkpointName } from '@ligature/trainer';
import { CheckpointStore } from '@ligature/trainer/node';
import { z } from 'zod';
import { folderStore } from '../conduct/folder-store.js';
import type { RetrainedRun } from './types.js';

export interface RetrainingSource {
  readonly run: RetrainedRun;
  /** The run's, on the backend on which it began, with its budget in steps: all of its arms see equally many tokens. */
  readonly config: RunConfig;
  /** Name of the checkpoint that was taken. */
  readonly checkpoint: string;
}

const mapSchema = z.array(z.int().min(0)).min(1);

/**
 * Reads a run, finished or stopped at a checkpoint; nothing is changed in its folder. Of one that was measured at its best
 * step it is that step's model.
 *
 * @throws InputError (`run-unreadable`, `run-link-outside`, `checkpoints-unusable`)
 */
export async function readRetrainingSource(folder: string): Promise<RetrainingSource> {
  assertNoLinksOut(folder);
  const store = new CheckpointStore(join(folder, 'checkpoints'));
  const newest = await store.latest();
  if (!newest) throw unreadable(folder, 'it has no checkpoint');
  const best = bestStepOf(newest.parts['trainer']);
  const taken = best === undefined ? newest : await store.open(checkpointName(best));
  const { config, weights, step } = taken.model;
  const map = mapSchema.safeParse(parse(weights.metadata['tieMap']));
  if (!map.success) throw unreadable(folder, 'its model has no tie map');
  const tieMap = canonicalTieMap(map.data);
  const read = readTrialResult(readJson(join(folder, 'result.json')));
  const result = 'result' in read && read.result.outcome === 'completed' ? read.result : undefined;
  // A result of another step is not of this model.
  const finished = result?.steps === newest.step ? result : undefined;
  const primary = finished?.test[finished.metrics[0]?.name ?? ''];
  const budget = stepsOf(config, finished?.steps, folder);
  const backend =
    config.backend.name === 'auto' ? { name: beganOn(folder) ?? 'auto', options: {} } : config.backend;
  return {
    run: {
      folder,
      controller: controllerLabel(config.controller),
      seed: config.seed,
      steps: step,
      budget,
      tieMap,
      blocks: independentLayers(tieMap).length,
      loss: primary !== undefined && Number.isFinite(primary) ? primary : null,
    },
    config: { ...config, backend, training: { ...config.training, budget: null, steps: budget } },
    checkpoint: taken.name,
  };
}

/** What a run may spend, in steps; of FLOPs and seconds it is known when they are spent. */
function stepsOf({ training }: RunConfig, taken: number | undefined, folder: string): number {
  const { budget, steps } = training;
  if (budget === null || budget.kind === 'tokens') return steps;
  if (taken !== undefined) return taken;
  throw new InputError('run-unfinished', {
    asked: `Retrain the tie map of the run "${folder}"`,
    found: `it was stopped, and how many steps its budget of ${budget.kind} will be is not known yet`,
    todo: `Finish it first: ligature resume ${folder}`,
  });
}

/** The key of the trial store under which it is kept, so that the study can go on whatever becomes of the run. */
export const START = 'start';

/** Puts the checkpoint that `continued` starts from into the study's store. */
export async function keepStart(
  folder: string,
  checkpoint: string,
  store: TrialStore,
  key: string = START,
): Promise<void> {
  const run = folderStore(folder);
  for (const file of await run.files('checkpoints', checkpoint)) {
    const content = await readPlainFile(join(run.place('checkpoints'), ...file.split('/')));
    await store.write(key, `checkpoints/${file}`, content);
  }
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

/** The last part of a run's folder, for the folder of a study that begins at it. */
export const runName = (folder: string): string => folder.split(/[\\/]/).filter(Boolean).at(-1) ?? 'run';

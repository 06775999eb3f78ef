/** Weights that start where another run stopped: its newest checkpoint, tie map and optimizer state included. */
import { resolve } from 'node:path';
import { defineWeights, InputError, type Json, type Weights } from '@ligature/core';
import { CheckpointStore } from '@ligature/trainer/node';
import { z } from 'zod';
import { digestsOf } from './checkpointing.js';
import { assertNoLinksOut } from './run-folder.js';

const summary = 'weights, tie map and optimizer state of';

export const weightsOfRun = defineWeights({
  meta: {
    summary: `The newest checkpoint of another run: ${summary} it`,
    options: z.strictObject({ path: z.string().min(1).describe('Folder of the run') }),
  },
  create: ({ path }, { folder }) => newest(resolve(folder, path), path, { run: path }),
});

export const storedWeights = defineWeights({
  meta: {
    summary: `The newest checkpoint that a study keeps: ${summary} the run that it was taken from`,
    options: z.strictObject({ key: z.string().min(1).describe('Under which the study keeps it') }),
  },
  create({ key }, { stored }) {
    if (stored) return newest(stored(key), key, { stored: key });
    throw new InputError('weights-not-stored', {
      asked: `Start from the weights that a study keeps as "${key}"`,
      found: 'this run is no trial of a study',
      todo: 'Start from a run: --set weights.from.name=run --set weights.from.options.path=FOLDER',
    });
  },
});

const newest = (run: string, name: string, origin: Readonly<Record<string, Json>>): Weights => ({
  async open() {
    assertNoLinksOut(run);
    const checkpoint = await new CheckpointStore(resolve(run, 'checkpoints')).latest();
    if (!checkpoint) {
      throw new InputError('run-unreadable', {
        asked: `Start from the weights of the run "${name}"`,
        found: 'it has no checkpoint',
        todo: 'Give the folder of a run that `ligature train` began',
      });
    }
    const { registry } = checkpoint.parts;
    return {
      weights: checkpoint.model.weights,
      ...(registry !== undefined && { registry }),
      digests: digestsOf(checkpoint),
      origin: { ...origin, step: checkpoint.step },
    };
  },
});

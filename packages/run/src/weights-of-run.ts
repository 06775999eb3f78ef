/** Weights that start where another run stopped: its newest checkpoint, tie map and optimizer state included. */
import { resolve } from 'node:path';
import { defineWeights } from '@ligature/core';
import { CheckpointStore } from '@ligature/trainer/node';
import { InputError } from '@ligature/core';
import { z } from 'zod';
import { digestsOf } from './checkpointing.js';
import { assertNoLinksOut } from './run-folder.js';

export const weightsOfRun = defineWeights({
  meta: {
    summary: 'The newest checkpoint of another run: weights, tie map and optimizer state',
    options: z.strictObject({ path: z.string().min(1).describe('Folder of the run') }),
  },
  create: ({ path }, { folder }) => ({
    async open() {
      const run = resolve(folder, path);
      assertNoLinksOut(run);
      const checkpoint = await new CheckpointStore(resolve(run, 'checkpoints')).latest();
      if (!checkpoint) {
        throw new InputError('run-unreadable', {
          asked: `Start from the weights of the run "${path}"`,
          found: 'it has no checkpoint',
          todo: 'Give the folder of a run that `ligature train` began',
        });
      }
      const { registry } = checkpoint.parts;
      return {
        weights: checkpoint.model.weights,
        ...(registry !== undefined && { registry }),
        digests: digestsOf(checkpoint),
        origin: { run: path, step: checkpoint.step },
      };
    },
  }),
});

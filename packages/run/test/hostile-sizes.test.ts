/** A checkpoint's configuration may claim any size; what is made is as large as its weights. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '@ligature/core';
import { CheckpointStore, type LoadedCheckpoint, type SavedModel } from '@ligature/trainer/node';
import type { SafetensorsFile } from '@ligature/weight-sharing';
import { openRun, resumeTrial } from '../src/index.js';
import { environment, tinyRun, withFolder } from './tiny-run.js';

describe('a checkpoint whose configuration does not fit its weights', () => {
  it('is refused before anything is made in the sizes of the configuration', async () => {
    await withFolder(async (folder) => {
      const run = await tinyRun(folder);
      // A finished run is not opened to go on.
      rmSync(join(run.folder, 'result.json'));
      const store = new CheckpointStore(join(run.folder, 'checkpoints'));
      const { step, parts, model } = (await store.latest()) as LoadedCheckpoint;
      const sized = (sizes: object): SavedModel => ({
        ...model,
        config: {
          ...model.config,
          model: { name: 'gpt2', options: { ...model.config.model.options, ...sizes } },
        },
      });
      for (const wrong of [
        // Each would need more memory than the machine has.
        sized({ width: 65_536, heads: 1 }),
        sized({ layers: 1024, width: 16_384, heads: 1 }),
        sized({ context: 65_536, width: 65_536 }),
        { ...model, inputs: { vocabularySize: 2 ** 40 } },
        { ...model, task: { tokenizer: { bos: true, eos: true } } },
      ]) {
        await store.save({ step, model: wrong, weights: model.weights as SafetensorsFile, parts });
        for (const use of [resumeTrial, openRun]) {
          const error: unknown = await use(run.folder, environment(folder)).catch(
            (thrown: unknown) => thrown,
          );
          expect(error).toBeInstanceOf(InputError);
          expect((error as InputError).code).toMatch(/^(weight-|tie-map-|run-unreadable)/);
        }
      }
    });
  });
});

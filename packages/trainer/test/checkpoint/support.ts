/** A small checkpoint. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runConfigSchema, type Snapshot } from '@ligature/core';
import { onTestFinished } from 'vitest';
import type { CheckpointToSave } from '../../src/node.js';

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ligature-checkpoint-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Equal for equal arguments; everything in it depends on both. */
export function sampleCheckpoint(step: number, salt = 0): CheckpointToSave {
  const weight = Float32Array.from({ length: 12 }, (_, at) => step + salt / 8 + at / 16);
  return {
    step,
    model: {
      config: runConfigSchema.parse({ seed: 9, model: { layers: 3 } }),
      task: { tokenizer: { model: { type: 'BPE', merges: ['a b'] } } },
      inputs: { vocabularySize: 6 },
      step,
    },
    weights: {
      tensors: new Map([['h.0.weight', { shape: [3, 4], data: weight }]]),
      metadata: { format: 'pt', tieMap: '[0,0,0]', tieMaps: '{"weight":[0,0,0]}' },
    },
    parts: sampleParts(step, salt),
  };
}

export function sampleParts(step: number, salt = 0): Record<string, Snapshot> {
  return {
    trainer: { step, tokens: step * 64, window: 3, losses: [2.5, -0, salt] },
    batches: { order: Uint32Array.from([3, 1, step]), taken: 2 },
    controller: {
      epsilon: 0.25,
      best: Number.POSITIVE_INFINITY,
      moments: [new Float64Array([salt, Number.NaN])],
    },
  };
}

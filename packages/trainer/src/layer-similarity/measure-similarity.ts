/** Measures how alike the layers of a model are, for controllers that ask. It changes nothing and draws nothing. */
import { InputError, LigatureError, type Batch, type Objective, type SimilarityKind } from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import { cosines } from './cosine.js';
import { gradientsOfLayers, weightsOfLayers } from './layer-vectors.js';
import { sixDecimals } from '../measuring/six-decimals.js';
import { tensorBatch } from '../tensor-batch.js';
import { linearCka } from './linear-cka.js';

/**
 * The similarity of every two layers, with the weights as they are now.
 *
 * @param batch what hidden states and gradients are taken from; the same one every time makes measurements comparable
 * @returns [layers][layers]: symmetric, 1 on the diagonal, from -1 to 1 (`hidden-cka`: from 0), six decimals
 * @throws InputError (`model-without-hidden`) for `hidden-cka` of a model that shows no hidden states
 * @throws LigatureError (`similarity-not-finite`)
 */
export async function measureSimilarity(
  objective: Objective,
  registry: WeightRegistry,
  kind: SimilarityKind,
  batch: Batch,
): Promise<number[][]> {
  const matrix = await measured(objective, registry, kind, batch);
  return matrix.map((row, i) => row.map((value, j) => rounded(value, kind, i, j)));
}

async function measured(
  objective: Objective,
  registry: WeightRegistry,
  kind: SimilarityKind,
  batch: Batch,
): Promise<number[][]> {
  switch (kind) {
    case 'weight-cosine':
      return cosines(await weightsOfLayers(registry));
    case 'gradient-cosine':
      return cosines(await gradientsOfLayers(objective, registry, batch));
    case 'hidden-cka':
      return hiddenCka(objective, registry, batch);
  }
}

async function hiddenCka(objective: Objective, registry: WeightRegistry, batch: Batch): Promise<number[][]> {
  const states = tf.tidy(() => objective.hidden?.(registry.view(), tensorBatch(batch)));
  if (!states) {
    throw new InputError('model-without-hidden', {
      asked: `Measure hidden-cka between the layers of the model "${objective.name}"`,
      found: 'it has no function hidden, so what leaves its layers cannot be seen',
      todo: 'Measure weight-cosine or gradient-cosine, or give the model a hidden(view, batch)',
    });
  }
  try {
    return await linearCka(states);
  } finally {
    tf.dispose(states);
  }
}

/** @throws LigatureError (`similarity-not-finite`) */
function rounded(value: number, kind: SimilarityKind, i: number, j: number): number {
  if (!Number.isFinite(value)) {
    throw new LigatureError('similarity-not-finite', {
      asked: `Measure ${kind} between layers ${i} and ${j}`,
      found: `it is ${value}`,
      todo: 'Check whether the training diverged',
    });
  }
  return sixDecimals(Math.max(-1, Math.min(1, value)));
}

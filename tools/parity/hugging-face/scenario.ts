/** Logits, gradients and AdamW steps of one tie map of a case, against those of `transformers`. */
import { createRandomStreams, type Optimizer, type Task, type WeightsFile } from '@ligature/core';
import { projectedOutputs } from '@ligature/nn';
import { createAdamW, createObjective, headOf, Stepper } from '@ligature/trainer';
import { WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import { Deviations } from '../deviation.js';
import { compareFirstBatch, gradientsUnder, LOSSES } from '../first-batch.js';
import type { HfCase, HfReference } from './case.js';
import { headOfCase } from './heads.js';
import { modelOfConfig } from './models.js';

/** Cases say nothing of scores. */
const NO_SCORES: Pick<Task, 'score' | 'scores'> = {
  scores: [],
  score: ({ features }) => tf.zeros([0, features.shape[0]]),
};

/** @throws Error when the case cannot be run */
export async function checkCase(given: HfCase, map: string): Promise<Deviations> {
  const { reference, weights, config } = given;
  const { spec, batch, loss } = headOfCase(given);
  const model = modelOfConfig(config);
  const head = headOf(model, spec);
  const objective = createObjective({ model, head, task: { loss, ...NO_SCORES } });
  /** Modules in memory may have other names than in files. */
  const byOwnNames = (file: WeightsFile): WeightsFile['tensors'] =>
    (objective.fromPublished?.(file) ?? file).tensors;
  const deviations = new Deviations();
  const registry = new WeightRegistry(objective, createRandomStreams(0), {
    gradient: 'accumulate',
    // PyTorch's optimizer knows nothing of how often a weight is used.
    stepSize: 'none',
  });
  const stepper = new Stepper(objective, registry, { optimizer: adamW(reference.optimizer), clipNorm: null });
  try {
    registry.initialize(reference.tieMaps[map], byOwnNames(weights));
    compareFirstBatch(
      {
        ...{ objective, registry, batch },
        expected: {
          logits: given.expected.get(`logits.${map}`)?.data,
          gradients: byOwnNames({ tensors: gradientsUnder(`grad.${map}.`, given.expected), metadata: {} }),
        },
        logits: (view, fields) => {
          const mode = { training: false };
          return projectedOutputs(head.project(view, model.encode(view, fields, mode), fields, mode));
        },
      },
      deviations,
    );
    for (const [index, wanted] of reference.losses[map]!.entries()) {
      const taken = await stepper.step([batch], reference.optimizer.learningRate);
      deviations.add('losses', `step ${index + 1}`, [taken.loss], [wanted], LOSSES);
    }
    return deviations;
  } finally {
    stepper.dispose();
    registry.dispose();
  }
}

function adamW({ beta1, beta2, epsilon, weightDecay, decay }: HfReference['optimizer']): Optimizer {
  return createAdamW({ beta1, beta2, epsilon, weightDecay, decay });
}

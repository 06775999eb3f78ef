/** Logits, gradients and AdamW steps of one tie map, against PyTorch's. */
import {
  createRandomStreams,
  type Batch,
  type Field,
  type Head,
  type Model,
  type Objective,
  type Optimizer,
} from '@ligature/core';
import { projectedOutputs } from '@ligature/nn';
import { createCausalLm } from '@ligature/tasks';
import {
  createAdamW,
  createObjective,
  headOf,
  measureBatches,
  trainStep,
  type StepOptions,
} from '@ligature/trainer';
import { createGpt2 } from '@ligature/transformer';
import { WeightRegistry } from '@ligature/weight-sharing';
import { Deviations, EXACT } from './deviation.js';
import { compareFirstBatch, gradientsUnder, LOSSES, VALUES } from './first-batch.js';
import type {
  ModelReference,
  ReferenceConfig,
  ReferenceOptimizer,
  Scenario,
  Weights,
} from './reference-files.js';

export interface LanguageModel {
  readonly model: Model;
  readonly head: Head;
  readonly objective: Objective;
}

export function referenceModel(
  config: ReferenceConfig,
  activation = config.activation_function,
): LanguageModel {
  const model = createGpt2({
    layers: config.n_layer,
    width: config.n_embd,
    heads: config.n_head,
    context: config.n_positions,
    vocabularySize: config.vocab_size,
    layerNormEpsilon: config.layer_norm_epsilon,
    dropout: 0,
    activation,
  });
  const head = headOf(model, { kind: 'causal-lm', outputs: config.vocab_size });
  return { model, head, objective: createObjective({ model, head, task: createCausalLm() }) };
}

/** Reference rows hold one token more than the context: inputs are row[:-1], labels row[1:]. */
export function referenceBatch(rows: readonly (readonly number[])[]): Batch {
  const shape = [rows.length, (rows[0]?.length ?? 1) - 1];
  const field = (cut: (row: readonly number[]) => number[]): Field => ({
    ...{ shape, dtype: 'int32', data: Int32Array.from(rows.flatMap(cut)) },
  });
  const inputs = field((row) => row.slice(0, -1));
  const labels = field((row) => row.slice(1));
  return { fields: { inputs, labels }, weight: labels.data.length };
}

export function referenceAdamW({ betas, epsilon, weight_decay }: ReferenceOptimizer): Optimizer {
  return createAdamW({
    ...{ beta1: betas[0], beta2: betas[1], epsilon, weightDecay: weight_decay, decay: 'all' },
  });
}

export async function checkScenario(
  reference: ModelReference,
  scenario: Scenario,
  weights: Weights,
  expected: Weights,
): Promise<Deviations> {
  const deviations = new Deviations();
  const { model, head, objective } = referenceModel(reference.config, scenario.activation_function);
  const registry = new WeightRegistry(objective, createRandomStreams(0), {
    gradient: scenario.gradient === 'sum' ? 'accumulate' : 'source-only',
    // PyTorch's optimizer knows nothing of how often a weight is used.
    stepSize: 'none',
  });
  // All layers are given; the registry refuses what a tied layer would not read.
  registry.initialize(scenario.tie_map, weights);
  const batches = reference.batches.map(referenceBatch);
  try {
    const ledger = registry.ledger(objective.cost({ inputs: [1, model.context ?? 1] }));
    deviations.add(
      'counts',
      'parameters',
      [ledger.trainableParameters],
      [scenario.trainable_parameters],
      EXACT,
    );
    deviations.add('counts', 'independent', [ledger.independentLayers], [scenario.independent_layers], EXACT);
    compareFirstBatch(
      {
        ...{ objective, registry, batch: batches[0] as Batch },
        expected: {
          logits: expected.get(`${scenario.name}/logits`)?.data,
          gradients: gradientsUnder(`${scenario.name}/grad.`, expected),
        },
        logits: (view, fields) => {
          const mode = { training: false };
          return projectedOutputs(head.project(view, model.encode(view, fields, mode), fields, mode));
        },
      },
      deviations,
    );
    const options: StepOptions = {
      optimizer: referenceAdamW(reference.optimizer),
      clipNorm: reference.optimizer.max_grad_norm,
    };
    for (const [index, step] of scenario.steps.entries()) {
      const batch = batches[index % batches.length] as Batch;
      const rate = reference.optimizer.learning_rate;
      const taken = await trainStep(objective, registry, [batch], rate, options);
      deviations.add('losses', `step ${index + 1}`, [taken.loss], [step.loss], LOSSES);
      deviations.add('norms', `step ${index + 1}`, [taken.gradientNorm], [step.grad_norm], VALUES);
    }
    const after = await measureBatches(objective, registry.view(), [batches[0] as Batch]);
    deviations.add(
      'losses',
      'after training',
      [after.loss],
      [scenario.loss_of_first_batch_after_training],
      LOSSES,
    );
    return deviations;
  } finally {
    registry.dispose();
  }
}

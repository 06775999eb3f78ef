/** Real training steps of a workload, with the product's own model, registry and step. */
import { createRandomStreams, type Batch, type BatchShape, type Field, type Objective } from '@ligature/core';
import { createCausalLm } from '@ligature/tasks';
import {
  createAdamW,
  createObjective,
  headOf,
  Stepper,
  type ObjectiveParts,
  type StepOptions,
  type StepResult,
} from '@ligature/trainer';
import { createGpt2 } from '@ligature/transformer';
import { WeightRegistry } from '@ligature/weight-sharing';
import { LEARNING_RATE, OPTIMIZER, type Workload } from '../workloads.js';

const STEP_OPTIONS: StepOptions = {
  optimizer: createAdamW({
    beta1: OPTIMIZER.beta1,
    beta2: OPTIMIZER.beta2,
    epsilon: OPTIMIZER.epsilon,
    weightDecay: OPTIMIZER.weightDecay,
    decay: 'matrices',
  }),
  clipNorm: OPTIMIZER.clipNorm,
};

/** What writes text, and what learns to. */
export type LanguageModel = Pick<ObjectiveParts, 'model' | 'head'>;

export function modelOf({ batch: _batch, ...sizes }: Workload): LanguageModel {
  const model = createGpt2({ ...sizes, dropout: 0, activation: 'gelu_new', layerNormEpsilon: 1e-5 });
  return { model, head: headOf(model, { kind: 'causal-lm', outputs: sizes.vocabularySize }) };
}

export const objectiveOf = (workload: Workload): Objective =>
  createObjective({ ...modelOf(workload), task: createCausalLm() });

const shapeOf = ({ batch, context }: Workload): BatchShape => ({
  ...{ inputs: [batch, context], labels: [batch, context] },
});

/** Operations of one step's matrix products, forward and twice as many backward; nothing is tied. */
export function stepFlops(workload: Workload, { parameters, layers, cost }: Objective): number {
  const { weightFlops, layerActivationFlops } = cost(shapeOf(workload));
  const ofLayers = new Set(parameters.filter(({ sharing }) => sharing !== 'global').map(({ name }) => name));
  const forward = Object.entries(weightFlops).reduce(
    (sum, [name, flops]) => sum + flops * (ofLayers.has(name) ? layers : 1),
    layers * layerActivationFlops,
  );
  return 3 * forward;
}

export class Training {
  readonly objective: Objective;
  readonly registry: WeightRegistry;
  readonly #streams = createRandomStreams(1);
  readonly #stepper: Stepper;

  constructor(readonly workload: Workload) {
    this.objective = objectiveOf(workload);
    this.registry = new WeightRegistry(this.objective, this.#streams);
    this.registry.initialize();
    this.#stepper = new Stepper(this.objective, this.registry, STEP_OPTIONS);
  }

  /** One step on a batch of random tokens, which cost as much as real ones. */
  async step(): Promise<StepResult & { readonly milliseconds: number }> {
    const batch = this.#randomBatch();
    const start = performance.now();
    const result = await this.#stepper.step([batch], LEARNING_RATE);
    return { ...result, milliseconds: performance.now() - start };
  }

  dispose(): void {
    this.#stepper.dispose();
    this.registry.dispose();
  }

  #randomBatch(): Batch {
    const { batch, context, vocabularySize } = this.workload;
    const weight = batch * context;
    const stream = this.#streams.stream('data-order');
    const ids = (): Field => ({
      shape: [batch, context],
      dtype: 'int32',
      data: Int32Array.from({ length: weight }, () => stream.integer(0, vocabularySize)),
    });
    return { fields: { inputs: ids(), labels: ids() }, weight };
  }
}

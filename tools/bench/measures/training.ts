/** Real training steps of a workload, with the product's own model, registry and step. */
import { createRandomStreams, type Batch } from '@ligature/core';
import { Stepper, type StepOptions, type StepResult } from '@ligature/trainer';
import { createGpt2, type Gpt2Model } from '@ligature/transformer';
import { WeightRegistry } from '@ligature/weight-sharing';
import { LEARNING_RATE, OPTIMIZER, type Workload } from '../workloads.js';

const STEP_OPTIONS: StepOptions = {
  adamW: {
    beta1: OPTIMIZER.beta1,
    beta2: OPTIMIZER.beta2,
    epsilon: OPTIMIZER.epsilon,
    weightDecay: OPTIMIZER.weightDecay,
    decay: 'matrices',
  },
  clipNorm: OPTIMIZER.clipNorm,
};

export function modelOf({ batch: _batch, ...sizes }: Workload): Gpt2Model {
  return createGpt2({ ...sizes, dropout: 0, activation: 'gelu_new', layerNormEpsilon: 1e-5 });
}

/** Operations of one step's matrix products, forward and twice as many backward. */
export function stepFlops({ batch, context, layers }: Workload, model: Gpt2Model): number {
  const { layerWeightFlops, layerActivationFlops, globalFlops } = model.cost(batch, context);
  return 3 * (layers * (layerWeightFlops + layerActivationFlops) + globalFlops);
}

export class Training {
  readonly model: Gpt2Model;
  readonly registry: WeightRegistry;
  readonly #streams = createRandomStreams(1);
  readonly #stepper: Stepper;

  constructor(readonly workload: Workload) {
    this.model = modelOf(workload);
    this.registry = new WeightRegistry(this.model, this.#streams);
    this.registry.initialize();
    this.#stepper = new Stepper(this.model, this.registry, STEP_OPTIONS);
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
    const stream = this.#streams.stream('data-order');
    const ids = (): Int32Array =>
      Int32Array.from({ length: batch * context }, () => stream.integer(0, vocabularySize));
    return { inputs: ids(), labels: ids(), batch, context };
  }
}

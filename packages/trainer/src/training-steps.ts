/** The steps of a run: batches in, weights changed. What the loop over windows takes them from. */
// core first: it loads the reflection polyfill that tsyringe wants to find.
import { TOKENS } from '@ligature/core';
import type { BatchSource, Objective, Optimizer, RandomStreams, RunConfig } from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import { inject, injectable } from 'tsyringe';
import { Stepper, type StepResult } from './train-step.js';

@injectable()
export class TrainingSteps {
  readonly #stepper: Stepper;
  readonly #accumulation: number;

  constructor(
    @inject(TOKENS.objective) objective: Objective,
    @inject(TOKENS.registry) registry: WeightRegistry,
    @inject(TOKENS.optimizer) optimizer: Optimizer,
    @inject(TOKENS.trainingBatches) private readonly batches: BatchSource,
    @inject(TOKENS.streams) streams: RandomStreams,
    @inject(TOKENS.config)
    { training }: { readonly training: Pick<RunConfig['training'], 'accumulation' | 'clip'> },
  ) {
    this.#accumulation = training.accumulation;
    this.#stepper = new Stepper(objective, registry, {
      optimizer,
      clipNorm: training.clip,
      dropoutSeed: () => streams.stream('dropout').integer(0, 2 ** 31 - 1),
    });
  }

  /** Micro-batches of a step. */
  get accumulation(): number {
    return this.#accumulation;
  }

  /** One step over the next batches. */
  take(learningRate: number): Promise<StepResult> {
    const batches = Array.from({ length: this.#accumulation }, () => this.batches.next());
    return this.#stepper.step(batches, learningRate);
  }

  /** Passes over the batches of so many steps. */
  skip(steps: number): void {
    for (let batch = 0; batch < steps * this.#accumulation; batch += 1) this.batches.next();
  }

  /** Lets go of what was compiled. */
  dispose(): void {
    this.#stepper.dispose();
  }
}

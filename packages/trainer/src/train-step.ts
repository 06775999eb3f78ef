/** Takes steps on a registry's weights: the bridge between the pure step and the owner of the tensors. */
import { InputError, type Batch, type Objective, type Optimizer, type Slots } from '@ligature/core';
import type { Binding, Leaf, WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, TensorContainer } from '@tensorflow/tfjs-core';
import { compiling, type CompilationStatistics, type Compiled } from './compiling.js';
import { createStep } from './step.js';
import type { StepInputs, StepOptions, StepOutputs } from './step.js';
import { tensorBatch } from './tensor-batch.js';

export interface StepResult {
  /** Mean loss over the step's targets, before the update. */
  readonly loss: number;
  /** Global L2 norm of the gradient, before clipping. */
  readonly gradientNorm: number;
  /** Targets that counted. */
  readonly weight: number;
  /** False when the loss or the norm was not finite: then the weights and slots are as they were before. */
  readonly applied: boolean;
}

/** A type, because tfjs's containers take no interface. */
type KeyedInputs = { readonly structure: string; readonly inputs: StepInputs };

/**
 * Takes optimizer steps on a registry's weights. Where the backend compiles, each tie structure is traced once and
 * replayed from then on; an objective that draws random numbers is not compiled, because they are drawn anew each time.
 */
export class Stepper {
  #compiled: Compiled | undefined;
  #backend: unknown;
  #binding: Binding | undefined;

  constructor(
    private readonly objective: Objective,
    private readonly registry: WeightRegistry,
    private readonly options: StepOptions,
  ) {}

  /** Absent where the backend compiles nothing. */
  get statistics(): CompilationStatistics | undefined {
    return this.#compiled?.statistics;
  }

  /**
   * One step over `batches`, its micro-batches. The only read from the backend is one of two numbers, loss and norm;
   * weights and slots change only if both are finite.
   *
   * @throws InputError (`nothing-trains`) when every weight is frozen
   */
  async step(batches: readonly Batch[], learningRate: number): Promise<StepResult> {
    const binding = this.registry.binding();
    if (binding.leaves.length === 0) throw nothingTrains(this.objective.name);
    const weight = batches.reduce((sum, batch) => sum + batch.weight, 0);
    const outputs = tf.tidy(() =>
      this.#run(binding, {
        ...optimizerInputs(binding.leaves, learningRate, this.options.optimizer),
        frozen: binding.frozen,
        batches: batches.map((batch) => ({
          fields: tensorBatch(batch),
          weight: tf.scalar(batch.weight / weight),
        })),
      }),
    );
    let applied = false;
    try {
      const [loss, gradientNorm] = (await outputs.report.data()) as unknown as [number, number];
      applied = Number.isFinite(loss) && Number.isFinite(gradientNorm);
      if (applied) commit(this.registry, binding.leaves, outputs);
      return { loss, gradientNorm, weight, applied };
    } finally {
      outputs.report.dispose();
      if (!applied) tf.dispose([outputs.parameters, outputs.slots] as unknown as TensorContainer);
    }
  }

  /** Lets go of what was compiled. */
  dispose(): void {
    this.#compiled?.dispose();
    this.#compiled = undefined;
    this.#backend = undefined;
  }

  #run(binding: Binding, inputs: StepInputs): StepOutputs {
    const compiled = this.#compile();
    if (!compiled) return createStep(this.objective, binding, this.options)(inputs);
    this.#binding = binding;
    return compiled({
      structure: binding.key,
      inputs,
    } as unknown as TensorContainer) as unknown as StepOutputs;
  }

  #compile(): Compiled | undefined {
    const backend = tf.backend();
    if (backend === this.#backend) return this.#compiled;
    this.dispose();
    this.#backend = backend;
    if (this.objective.stochastic) return undefined;
    const traced = (container: TensorContainer): TensorContainer =>
      createStep(
        this.objective,
        this.#binding!,
        this.options,
      )((container as unknown as KeyedInputs).inputs) as unknown as TensorContainer;
    return (this.#compiled = compiling(backend)?.(traced));
  }
}

/** One optimizer step; a loop keeps a {@link Stepper} instead, which remembers what it has compiled. */
export async function trainStep(
  objective: Objective,
  registry: WeightRegistry,
  batches: readonly Batch[],
  learningRate: number,
  options: StepOptions,
): Promise<StepResult> {
  const stepper = new Stepper(objective, registry, options);
  try {
    return await stepper.step(batches, learningRate);
  } finally {
    stepper.dispose();
  }
}

function nothingTrains(model: string): InputError {
  return new InputError('nothing-trains', {
    asked: `Train the model "${model}"`,
    found: 'every one of its weights is frozen',
    todo: 'Take a pattern out of training.freeze, or add an adapter whose weights train',
  });
}

/** In index order, so that of several leaves on one storage the last one's value stays. */
function commit(registry: WeightRegistry, leaves: readonly Leaf[], outputs: StepOutputs): void {
  leaves.forEach((leaf, index) => {
    const [parameter, slots] = [outputs.parameters[index], outputs.slots[index]];
    if (parameter && slots) registry.update(leaf, { parameter, slots, step: countOf(leaf) });
  });
}

/** The number of this update among the leaf's own, from 1. */
const countOf = (leaf: Leaf): number => (leaf.state?.step ?? 0) + 1;

/**
 * Weights, slots (zeros before a leaf's first update) and scalars; equal ones of one name are one tensor. A block's own
 * learning rate goes into its scalars alone: what is common to all, decoupled decay above all, keeps the step's.
 */
function optimizerInputs(
  leaves: readonly Leaf[],
  learningRate: number,
  optimizer: Optimizer,
): Pick<StepInputs, 'leaves' | 'slots' | 'scalars' | 'common'> {
  const made = new Map<string, Scalar>();
  const scalar = (name: string, value: number): Scalar => {
    const key = `${name} ${value}`;
    const known = made.get(key) ?? tf.scalar(value);
    made.set(key, known);
    return known;
  };
  const scalars = (numbers: Readonly<Record<string, number>>): Readonly<Record<string, Scalar>> =>
    Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, scalar(name, value)]));
  return {
    leaves: leaves.map((leaf) => leaf.tensor),
    slots: leaves.map(({ state, spec }): Slots => {
      const zeros = (): tf.Tensor => tf.zeros([...spec.shape]);
      return Object.fromEntries(optimizer.slots(spec).map((name) => [name, state?.slots[name] ?? zeros()]));
    }),
    scalars: leaves.map((leaf) =>
      scalars(optimizer.scalars(learningRate * leaf.stepFactor, countOf(leaf), leaf.spec)),
    ),
    common: scalars(optimizer.common?.(learningRate) ?? {}),
  };
}

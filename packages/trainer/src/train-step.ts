/** Takes steps on a registry's weights: the bridge between the pure step and the owner of the tensors. */
import type { Batch, Model } from '@ligature/core';
import type { Binding, Leaf, WeightRegistry } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, TensorContainer } from '@tensorflow/tfjs-core';
import { adamWScalars } from './adamw.js';
import type { AdamWOptions } from './adamw.js';
import { createStep } from './step.js';
import type { MicroBatch, StepInputs, StepOptions, StepOutputs } from './step.js';

export interface StepResult {
  /** Mean cross-entropy in nats over the step's tokens, before the update. */
  readonly loss: number;
  /** Global L2 norm of the gradient, before clipping. */
  readonly gradientNorm: number;
  readonly tokens: number;
  /** False when the loss or the norm was not finite: then the weights and moments are as they were before. */
  readonly applied: boolean;
}

/** What a tfjs backend may offer: a pure function, traced once for each structure and replayed. */
interface CompilingBackend {
  compile<I extends TensorContainer, O extends TensorContainer>(
    step: (inputs: I) => O,
  ): ((inputs: I) => O) & { readonly statistics: CompilationStatistics; dispose(): void };
}

export interface CompilationStatistics {
  /** Structures traced, and the time it took (compiling their graphs included). */
  readonly traces: number;
  readonly tracingMilliseconds: number;
  readonly replays: number;
}

/** A type, because tfjs's containers take no interface. */
type KeyedInputs = { readonly structure: string; readonly inputs: StepInputs };

/** Thrown at a model that asks for fresh random numbers. */
class NeedsRandomness extends Error {}

/**
 * Takes AdamW steps on a registry's weights. Where the backend compiles, each tie structure is traced once and replayed
 * from then on; a model with dropout is not compiled, because its masks are drawn anew for each step.
 */
export class Stepper {
  #compiled: ReturnType<CompilingBackend['compile']> | undefined;
  #backend: unknown;
  #binding: Binding | undefined;

  constructor(
    private readonly model: Model,
    private readonly registry: WeightRegistry,
    private readonly options: StepOptions,
  ) {}

  /** Absent where the backend compiles nothing. */
  get statistics(): CompilationStatistics | undefined {
    return this.#compiled?.statistics;
  }

  /**
   * One step over `batches`, its micro-batches. The only read from the backend is one of two numbers, loss and norm;
   * weights and moments change only if both are finite.
   */
  async step(batches: readonly Batch[], learningRate: number): Promise<StepResult> {
    const binding = this.registry.binding();
    const tokens = batches.reduce((sum, { batch, context }) => sum + batch * context, 0);
    const outputs = tf.tidy(() =>
      this.#run(binding, {
        ...optimizerInputs(binding.leaves, learningRate, this.options.adamW),
        frozen: binding.frozen,
        batches: batches.map((batch) => microBatch(batch, tokens)),
      }),
    );
    let applied = false;
    try {
      const [loss, gradientNorm] = (await outputs.report.data()) as unknown as [number, number];
      applied = Number.isFinite(loss) && Number.isFinite(gradientNorm);
      if (applied) commit(this.registry, binding.leaves, outputs);
      return { loss, gradientNorm, tokens, applied };
    } finally {
      outputs.report.dispose();
      if (!applied) tf.dispose([outputs.parameters, outputs.m, outputs.v]);
    }
  }

  /** Lets go of what was compiled. */
  dispose(): void {
    this.#compiled?.dispose();
    this.#compiled = undefined;
    this.#backend = undefined;
  }

  #run(binding: Binding, inputs: StepInputs): StepOutputs {
    const compiled = this.#compile(binding, inputs);
    if (!compiled) return createStep(this.model, binding, this.options)(inputs);
    this.#binding = binding;
    return compiled({
      structure: binding.key,
      inputs,
    } as unknown as TensorContainer) as unknown as StepOutputs;
  }

  #compile(binding: Binding, inputs: StepInputs): ReturnType<CompilingBackend['compile']> | undefined {
    const backend = tf.backend() as Partial<CompilingBackend>;
    if (backend === this.#backend) return this.#compiled;
    this.dispose();
    this.#backend = backend;
    if (!backend.compile || this.#needsRandomness(binding, inputs)) return undefined;
    const traced = (container: TensorContainer): TensorContainer =>
      createStep(this.model, this.#binding!, this.options)((container as unknown as KeyedInputs).inputs);
    return (this.#compiled = backend.compile(traced));
  }

  /** Whether the forward pass asks for a seed: such a step must not be replayed. */
  #needsRandomness(binding: Binding, { leaves, frozen, batches }: StepInputs): boolean {
    const [batch] = batches;
    if (!batch) return false;
    const dropoutSeed = (): number => {
      throw new NeedsRandomness();
    };
    try {
      tf.tidy(() => {
        this.model.loss(binding.view(leaves, frozen), batch.inputs, batch.labels, {
          training: true,
          dropoutSeed,
        });
      });
      return false;
    } catch (error) {
      if (error instanceof NeedsRandomness) return true;
      throw error;
    }
  }
}

/** One AdamW step; a loop keeps a {@link Stepper} instead, which remembers what it has compiled. */
export async function trainStep(
  model: Model,
  registry: WeightRegistry,
  batches: readonly Batch[],
  learningRate: number,
  options: StepOptions,
): Promise<StepResult> {
  const stepper = new Stepper(model, registry, options);
  try {
    return await stepper.step(batches, learningRate);
  } finally {
    stepper.dispose();
  }
}

/** In index order, so that of several leaves on one storage the last one's value stays. */
function commit(registry: WeightRegistry, leaves: readonly Leaf[], outputs: StepOutputs): void {
  leaves.forEach((leaf, index) => {
    const [parameter, m, v] = [outputs.parameters[index], outputs.m[index], outputs.v[index]];
    if (parameter && m && v) registry.update(leaf, { parameter, m, v, step: countOf(leaf) });
  });
}

/** The number of this update among the leaf's own, from 1. */
const countOf = (leaf: Leaf): number => (leaf.moments?.step ?? 0) + 1;

/** Weights, moments (zeros before a leaf's first update) and scalars; leaves with equal counts share theirs. */
function optimizerInputs(
  leaves: readonly Leaf[],
  learningRate: number,
  options: AdamWOptions,
): Omit<StepInputs, 'frozen' | 'batches'> {
  const byCount = new Map<number, { stepSize: Scalar; epsilon: Scalar }>();
  const scalars = leaves.map((leaf) => {
    const count = countOf(leaf);
    const known = byCount.get(count);
    if (known) return known;
    const { stepSize, epsilon } = adamWScalars(learningRate, count, options);
    const made = { stepSize: tf.scalar(stepSize), epsilon: tf.scalar(epsilon) };
    byCount.set(count, made);
    return made;
  });
  return {
    leaves: leaves.map((leaf) => leaf.tensor),
    m: leaves.map((leaf) => leaf.moments?.m ?? tf.zeros([...leaf.spec.shape])),
    v: leaves.map((leaf) => leaf.moments?.v ?? tf.zeros([...leaf.spec.shape])),
    keep: tf.scalar(1 - learningRate * options.weightDecay),
    stepSizes: scalars.map(({ stepSize }) => stepSize),
    epsilons: scalars.map(({ epsilon }) => epsilon),
  };
}

function microBatch(batch: Batch, stepTokens: number): MicroBatch {
  const shape: [number, number] = [batch.batch, batch.context];
  return {
    inputs: tf.tensor2d(batch.inputs, shape, 'int32'),
    labels: tf.tensor2d(batch.labels, shape, 'int32'),
    weight: tf.scalar((batch.batch * batch.context) / stepTokens),
  };
}

/**
 * Scores batches under one view after the other: what is substituted for what changes from pass to pass, and what is
 * computed does not. Where the backend compiles, the pass is traced once, with a place for each weight of each layer, and
 * replayed for all views and tie maps.
 */
import type { Batch, Objective, ParameterView } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, TensorContainer } from '@tensorflow/tfjs-core';
import { compiling, type CompilationStatistics, type Compiled } from '../compiling.js';
import { tensorBatch } from '../tensor-batch.js';

export class Scorer {
  #compiled: Compiled | undefined;
  #backend: unknown;
  readonly #globals: readonly string[];
  readonly #layered: readonly string[];

  constructor(private readonly objective: Objective) {
    const named = (global: boolean): string[] =>
      objective.parameters.filter(({ sharing }) => (sharing === 'global') === global).map(({ name }) => name);
    this.#globals = named(true);
    this.#layered = named(false);
  }

  /** Absent where the backend compiles nothing. */
  get statistics(): CompilationStatistics | undefined {
    return this.#compiled?.statistics;
  }

  /**
   * Sum of the loss over the targets of a batch, in evaluation mode.
   *
   * @param view its tensors stay the caller's
   */
  async lossSum(view: ParameterView, batch: Batch): Promise<number> {
    const scores = tf.tidy(() => {
      const fields = tensorBatch(batch);
      const compiled = this.#compile();
      if (!compiled) return this.objective.score(view, fields);
      const inputs = { globals: this.#globalsOf(view), layers: this.#layersOf(view), fields };
      return compiled(inputs as unknown as TensorContainer) as Tensor2D;
    });
    try {
      const values = await scores.data<'float32'>();
      // The first row is the loss. In 64 bits: a mean over thousands of targets is compared in its sixth decimal.
      let sum = 0;
      for (let at = 0; at < scores.shape[1]; at += 1) sum += values[at]!;
      return sum;
    } finally {
      scores.dispose();
    }
  }

  /** Lets go of what was compiled. */
  dispose(): void {
    this.#compiled?.dispose();
    this.#compiled = undefined;
    this.#backend = undefined;
  }

  #globalsOf(view: ParameterView): tf.Tensor[] {
    return this.#globals.map((name) => view.global(name));
  }

  #layersOf(view: ParameterView): tf.Tensor[][] {
    return Array.from({ length: this.objective.layers }, (_, layer) =>
      this.#layered.map((name) => view.block(layer, name)),
    );
  }

  #compile(): Compiled | undefined {
    const backend = tf.backend();
    if (backend === this.#backend) return this.#compiled;
    this.dispose();
    this.#backend = backend;
    const places = new Map(
      [this.#globals, this.#layered].flatMap((names) => names.map((name, at) => [name, at] as const)),
    );
    const score = (container: TensorContainer): TensorContainer => {
      const { globals, layers, fields } = container as unknown as {
        readonly globals: readonly tf.Tensor[];
        readonly layers: readonly (readonly tf.Tensor[])[];
        readonly fields: Readonly<Record<string, tf.Tensor>>;
      };
      const view: ParameterView = {
        global: (name) => globals[places.get(name)!]!,
        block: (layer, name) => layers[layer]![places.get(name)!]!,
      };
      return this.objective.score(view, fields);
    };
    return (this.#compiled = compiling(backend)?.(score));
  }
}

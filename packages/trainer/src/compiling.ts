/** What a tfjs backend may offer: a pure function, traced once for each structure and replayed. */
import type { TensorContainer } from '@tensorflow/tfjs-core';

export interface CompilationStatistics {
  /** Structures traced, and the time it took (compiling their graphs included). */
  readonly traces: number;
  readonly tracingMilliseconds: number;
  readonly replays: number;
}

export type Compiled = ((inputs: TensorContainer) => TensorContainer) & {
  readonly statistics: CompilationStatistics;
  dispose(): void;
};

type Compile = (step: (inputs: TensorContainer) => TensorContainer) => Compiled;

/** `compile` of a backend, if it has one. */
export function compiling(backend: object): Compile | undefined {
  const { compile } = backend as { readonly compile?: Compile };
  return compile?.bind(backend);
}

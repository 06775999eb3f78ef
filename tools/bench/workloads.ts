/** The fixed workloads, by name. Change none of them: numbers of different days are compared. */

export interface Workload {
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly context: number;
  readonly batch: number;
  readonly vocabularySize: number;
}

export const WORKLOADS = {
  /** The reference workload of all published numbers: 11.6 M parameters, 1024 tokens a step. */
  mini: { layers: 12, width: 256, heads: 8, context: 128, batch: 8, vocabularySize: 8192 },
  /** The size of the experiments, where the work beside the products weighs most. */
  small: { layers: 8, width: 64, heads: 4, context: 64, batch: 8, vocabularySize: 1024 },
  /** A fiftieth of "mini": does the bench run at all, also on plain JavaScript. */
  tiny: { layers: 4, width: 64, heads: 4, context: 64, batch: 4, vocabularySize: 1024 },
} as const satisfies Record<string, Workload>;

export type WorkloadName = keyof typeof WORKLOADS;

export const WORKLOAD_NAMES = Object.keys(WORKLOADS) as WorkloadName[];

/** Of every training step here, and of the same step in PyTorch: nanoGPT's choices. Only matrices decay. */
export const LEARNING_RATE = 3e-4;
export const OPTIMIZER = { beta1: 0.9, beta2: 0.95, epsilon: 1e-8, weightDecay: 0.1, clipNorm: 1 } as const;

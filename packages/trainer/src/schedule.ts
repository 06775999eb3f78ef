/** The learning rate of a step: linear warm-up, then constant or a half cosine down to a floor. */

export interface Schedule {
  readonly kind: 'constant' | 'cosine';
  /** The highest learning rate, reached when the warm-up ends. */
  readonly learningRate: number;
  /** Steps of linear warm-up; 0: none. */
  readonly warmup: number;
  /** Cosine: the lowest learning rate, as a fraction of the highest. */
  readonly floor: number;
  /** Cosine: the step at which the floor is reached, and kept from then on. */
  readonly steps: number;
}

/**
 * The learning rate of a step, counted from 0. The warm-up is nanoGPT's, lr (step + 1) / (warmup + 1), so that
 * the first step is not lost to a rate of zero.
 */
export function learningRateAt(step: number, schedule: Schedule): number {
  const { kind, learningRate, warmup, floor, steps } = schedule;
  if (step < warmup) return (learningRate * (step + 1)) / (warmup + 1);
  if (kind === 'constant') return learningRate;
  if (step >= steps) return learningRate * floor;
  const done = (step - warmup) / (steps - warmup);
  const share = (1 + Math.cos(Math.PI * done)) / 2;
  return learningRate * (floor + (1 - floor) * share);
}

import type { SharingOptions } from '../sharing-options.js';

/**
 * What the learning rate of a block is multiplied by. Its uses move together: one update changes the function by the sum
 * of what it changes at each of them, where independent layers of the same gradients would partly cancel each other.
 *
 * @param uses layers that read the block
 * @returns 1 under `official`, whose code knows no such thing
 */
export function stepFactor(
  { profile, stepSize }: Pick<SharingOptions, 'profile' | 'stepSize'>,
  uses: number,
): number {
  if (profile === 'official' || stepSize === 'none') return 1;
  return stepSize === 'inverse' ? 1 / uses : 1 / Math.sqrt(uses);
}

/** Sizes that others divide: widths heads, images patches. */
import { InputError } from '@ligature/core';

/** @throws InputError (`heads-do-not-divide-width`) with the nearest numbers of heads that do */
export function assertHeadsDivide(width: number, heads: number): void {
  if (width % heads === 0) return;
  throw new InputError('heads-do-not-divide-width', {
    asked: `Split a width of ${width} over ${heads} heads`,
    found: `${heads} does not divide ${width}`,
    todo: `Use ${nearestDivisors(width, heads).join(' or ')} heads, or another width`,
  });
}

/** @throws InputError (`patches-do-not-divide-image`) with the nearest sizes of patches that do */
export function assertPatchesDivide(imageSize: number, patchSize: number): void {
  if (imageSize % patchSize === 0) return;
  throw new InputError('patches-do-not-divide-image', {
    asked: `Cut images of ${imageSize} x ${imageSize} into patches of ${patchSize} x ${patchSize}`,
    found: `${patchSize} does not divide ${imageSize}`,
    todo: `Use patches of ${nearestDivisors(imageSize, patchSize).join(' or ')}, or images of another size`,
  });
}

/** The largest divisor of `whole` below `wanted` and the smallest above, where there is one. */
export function nearestDivisors(whole: number, wanted: number): number[] {
  const found: number[] = [];
  for (let below = Math.min(wanted - 1, whole); below >= 1; below -= 1) {
    if (whole % below === 0) {
      found.push(below);
      break;
    }
  }
  for (let above = wanted + 1; above <= whole; above += 1) {
    if (whole % above === 0) {
      found.push(above);
      break;
    }
  }
  return found;
}

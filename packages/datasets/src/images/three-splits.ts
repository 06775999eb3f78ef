import type { Dataset, LabelledImages, SplitName } from '@ligature/core';
import { holdOut } from './held-out.js';

interface OfficialSource {
  readonly name: string;
  readonly description: string;
  /** What messages call it: its path, or its name. */
  readonly where: string;
  /** Share held out for validation. */
  readonly share: number;
  /** Reads all images of a split; called at most once for each. */
  readonly load: (split: 'train' | 'test') => Promise<LabelledImages>;
}

export type ImageDataset = Dataset & Required<Pick<Dataset, 'images'>>;

/**
 * A dataset with an official test split, whose validation split is cut from the images to train on. What remains of these is
 * not that of the publisher either.
 */
export function officialImages({ name, description, where, share, load }: OfficialSource): ImageDataset {
  let test: Promise<LabelledImages> | undefined;
  let rest: Promise<Record<'train' | 'validation', LabelledImages>> | undefined;
  return {
    name,
    description,
    async images(split: SplitName) {
      if (split === 'test') return (test ??= load('test'));
      rest ??= load('train').then((images) => holdOut(images, share, where));
      return (await rest)[split];
    },
  };
}

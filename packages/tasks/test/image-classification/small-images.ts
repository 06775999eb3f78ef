import type { Dataset, LabelledImages, PrepareContext, SplitName } from '@ligature/core';

/** Images of 4 x 4 in two channels, by a rule that a reference can follow; labels go round the classes. */
export function smallImages(count: number, from = 0): LabelledImages {
  const pixels = Uint8Array.from({ length: count * 32 }, (_, at) => {
    const number = at + from;
    return (7 * number + Math.floor((3 * number * number) / 4)) % 256;
  });
  return {
    ...{ pixels, channels: 2, height: 4, width: 4, classes: ['a', 'b', 'c'], origin: 'official' },
    labels: Int32Array.from({ length: count }, (_, at) => [0, 1, 1, 2][at % 4] as number),
  };
}

const COUNTS: Readonly<Record<SplitName, number>> = { train: 22, validation: 7, test: 5 };

export const smallDataset = (
  change: (images: LabelledImages, split: SplitName) => LabelledImages = (images) => images,
): Dataset => ({
  name: 'small',
  description: 'of a test',
  images: (split) => Promise.resolve(change(smallImages(COUNTS[split], split.length), split)),
});

export const contextOf = (dataset: Dataset | undefined = smallDataset()): PrepareContext => ({
  dataset,
  tokenizer: () => Promise.reject(new Error('not asked')),
  cache: undefined,
  folder: '.',
  stage: () => Promise.resolve(),
});

/** GLUE itself, where it is at hand: counts against the published ones. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createGlue } from '../../src/glue/dataset.js';
import { findCorpus, temporaryFolder } from '../helpers.js';

const corpus = findCorpus('glue');

/** Wang et al. 2019, table 1, and the corpora's own counts of class 1 in train and dev; MRPC without its own test split. */
const PUBLISHED = [
  ['CoLA', 8551, 1043, 6023, 721],
  ['SST-2', 67_349, 872, 37_569, 444],
  ['MRPC', 3668, 408, 2474, 279],
  ['RTE', 2490, 277, 1241, 131],
  ['WNLI', 635, 71, 312, 31],
  ['STS-B', 5749, 1500, undefined, undefined],
] as const;

describe.skipIf(corpus === undefined)('GLUE', () => {
  const open = (name: string) =>
    createGlue({ path: join(corpus ?? '', name) }, { source: 'glue', folder: '/' });

  it.each(PUBLISHED)(
    '%s has %i examples to train on and %i in its development split',
    async (name, train, dev, ...ones) => {
      const dataset = open(name);
      const kept = await dataset.labelledTexts('train');
      const held = await dataset.labelledTexts('validation');
      const test = await dataset.labelledTexts('test');
      expect(kept.examples.length + held.examples.length).toBe(train);
      expect(held.examples).toHaveLength(Math.round(0.05 * train));
      expect(test.examples).toHaveLength(dev);
      const second = test.classes?.[1];
      const count = (...parts: (typeof test)[]): number | undefined =>
        second === undefined
          ? undefined
          : parts.flatMap((part) => part.examples).filter(({ label }) => label === second).length;
      expect([count(kept, held), count(test)]).toEqual(ones);
    },
  );

  it('MRPC as its own corpus has 4,076 and 1,725 examples', async () => {
    const names = ['msr_paraphrase_train.txt', 'msr_paraphrase_test.txt'];
    const files = names.map((name) => [name, readFileSync(join(corpus ?? '', 'MRPC', name))] as const);
    const dataset = createGlue({}, { source: temporaryFolder(Object.fromEntries(files)), folder: '/' });
    const count = async (split: 'train' | 'validation' | 'test') =>
      (await dataset.labelledTexts(split)).examples.length;
    expect([(await count('train')) + (await count('validation')), await count('test')]).toEqual([4076, 1725]);
  });

  it('QNLI without its training split is refused', async () => {
    await expect(open('QNLI').labelledTexts('test')).rejects.toThrow(
      /no file to train on.*it holds README\.md, dev\.tsv/,
    );
  });
});

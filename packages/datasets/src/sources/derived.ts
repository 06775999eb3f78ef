import type { SplitName, TextDataset } from '@ligature/core';
import { deriveSplits, type Shares } from '../splits.js';
import { datasetError } from './errors.js';

interface DerivedSource {
  readonly name: string;
  readonly description: string;
  /** What messages call the text: its path, or its name. */
  readonly where: string;
  readonly shares: Shares;
  /** Reads the whole text; called at most once. */
  readonly load: () => Promise<string>;
}

/** A dataset whose splits are cut from one text. */
export function derivedDataset({ name, description, where, shares, load }: DerivedSource): TextDataset {
  let splits: Promise<Record<SplitName, string>> | undefined;
  const read = async (): Promise<Record<SplitName, string>> => {
    const text = await load();
    if (text.trim() === '')
      datasetError('dataset-empty', where, 'it is empty', 'Give a text with words in it');
    return deriveSplits(text, shares);
  };
  return {
    name,
    description,
    async split(split) {
      splits ??= read();
      const text = (await splits)[split];
      if (text === '') {
        const found = `it is too short to cut a ${split} split from it`;
        datasetError('dataset-too-short', where, found, 'Use a longer text, or hold out a larger share');
      }
      return { text, origin: 'derived' };
    },
  };
}

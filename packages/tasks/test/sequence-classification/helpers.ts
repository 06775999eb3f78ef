/** Labelled texts in memory, and letters as tokens. */
import type {
  Dataset,
  LabelledText,
  LabelledTexts,
  PrepareContext,
  SplitName,
  Tokenizer,
} from '@ligature/core';
import { letterTokenizer } from '../text/helpers.js';

type Rows = readonly (readonly [LabelledText['texts'], string | number])[];

const exampleOf = ([texts, label]: Rows[number]): LabelledText => ({ texts, label });

/** @param rows of the splits; validation and test are the training split where they are left out */
export function labelledDataset(
  rows: { readonly train: Rows } & Partial<Record<SplitName, Rows>>,
  about: Pick<LabelledTexts, 'classes' | 'metrics'> = {},
): Dataset {
  return {
    name: 'letters',
    description: 'of a test',
    labelledTexts: (split) =>
      Promise.resolve({
        examples: (rows[split] ?? rows.train).map(exampleOf),
        origin: 'official' as const,
        ...about,
      }),
  };
}

export interface Asked {
  trainingText?: string;
}

/** Letters a to d with two special tokens, or a vocabulary of your own. `asked` keeps what it was to learn from. */
export const contextOf = (
  dataset: Dataset | undefined,
  { tokenizer = letterTokenizer('abcd'), asked = {} }: { tokenizer?: Tokenizer; asked?: Asked } = {},
): PrepareContext => ({
  dataset,
  tokenizer: (trainingText) => {
    asked.trainingText = trainingText;
    return Promise.resolve(tokenizer);
  },
  cache: undefined,
  folder: '.',
  stage: () => Promise.resolve(),
});

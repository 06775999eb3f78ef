/** Questions in memory, and words as tokens. */
import type {
  Answer,
  Dataset,
  PrepareContext,
  QuestionExample,
  Questions,
  SplitName,
  Tokenizer,
} from '@ligature/core';

/** `[question, context, answers]`; an answer is found where it first stands. */
export type Row = readonly [question: string, context: string, answers: readonly string[]];

export const exampleOf = ([question, context, answers]: Row, id: string): QuestionExample => ({
  ...{ id, question, context },
  answers: answers.map((text): Answer => ({ text, start: context.indexOf(text) })),
});

export function questionDataset(
  rows: Readonly<Record<SplitName, readonly Row[]>>,
  about: Partial<Pick<Questions, 'unanswerable'>> = {},
): Dataset {
  return {
    name: 'asked',
    description: 'of a test',
    questions: (split) =>
      Promise.resolve({
        questions: rows[split].map((row, at) => exampleOf(row, `${split}-${at}`)),
        ...{ origin: 'official' as const, unanswerable: false, ...about },
      }),
  };
}

/** What stands between blanks is a token; 0 opens, 1 separates, and is what is not known. */
export function wordTokenizer(words: readonly string[]): Tokenizer {
  const known = new Map(words.map((word, id) => [word, id]));
  return {
    ...{ name: 'words', vocabularySize: words.length, bosId: 0, eosId: 1 },
    encode: (text) => Int32Array.from(text.match(/\S+/gu) ?? [], (word) => known.get(word) ?? 1),
    decode: (ids) => Array.from(ids, (id) => words[id]).join(' '),
    toJSON: () => ({ words: [...words] }),
  };
}

export const contextOf = (
  dataset: Dataset | undefined,
  tokenizer: Tokenizer,
  asked: { trainingText?: string } = {},
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

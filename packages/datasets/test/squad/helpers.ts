/** Small files in the original format. */

export interface Asked {
  readonly id: string;
  readonly question?: string;
  /** `[text, code points before it]` */
  readonly answers?: readonly (readonly [string, number])[];
  readonly impossible?: boolean;
}

const questionOf = ({ id, question = `What of ${id}?`, answers = [], impossible }: Asked): object => ({
  id,
  question,
  answers: answers.map(([text, answer_start]) => ({ text, answer_start })),
  ...(impossible !== undefined && {
    is_impossible: impossible,
    plausible_answers: [{ text: 'no', answer_start: 0 }],
  }),
});

export type Paragraph = readonly [context: string, asked: readonly Asked[]];

/** @param articles their paragraphs by title */
export const squadFile = (
  version: string,
  articles: readonly (readonly [title: string, paragraphs: readonly Paragraph[]])[],
): string =>
  JSON.stringify({
    version,
    data: articles.map(([title, paragraphs]) => ({
      title,
      paragraphs: paragraphs.map(([context, qas]) => ({ context, qas: qas.map(questionOf) })),
    })),
  });

/** Articles with one question each, named from `from` on. */
export const manyArticles = (version: string, count: number, from = 0): string =>
  squadFile(
    version,
    Array.from({ length: count }, (_, at) => {
      const name = `n${from + at}`;
      return [name, [[`The answer is ${name}, and no other.`, [{ id: `q-${name}`, answers: [[name, 14]] }]]]];
    }),
  );

/**
 * SQuAD (Rajpurkar et al. 2016, arXiv 1606.05250; 2018, arXiv 1806.03822): questions about paragraphs of Wikipedia, in the files
 * of its authors. Its test split is hidden, so the development split is what is tested on here, and validation is held out from
 * the articles to train on: whole articles, for questions about one paragraph help with each other.
 */
import { join, resolve } from 'node:path';
import type { Dataset, DatasetContext, QuestionExample, Questions, SplitName } from '@ligature/core';
import { z } from 'zod';
import { once } from '../once.js';
import { cutEvenly } from '../rows/cut.js';
import { readInside } from '../sources/files.js';
import { parseArticles, VERSIONS, type Article, type SquadContent, type SquadVersion } from './articles.js';
import { squadError } from './errors.js';
import { findSquadFiles, splitFiles, type SquadFiles } from './files.js';

const share = (what: string) =>
  z.number().min(0.001).max(0.4).default(0.1).describe(`Share of the articles that is held out for ${what}`);

export const squadOptionsSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .optional()
    .describe(
      'The folder with train-v1.1.json and dev-v1.1.json or those of v2.0, or one file; the name given as dataset if left out',
    ),
  version: z
    .enum(['auto', ...VERSIONS])
    .default('auto')
    .describe('Which version it is, 2.0 having questions without an answer; auto: what the files say'),
  cut: z
    .boolean()
    .default(false)
    .describe('Whether all splits are cut from one file, where there is but one'),
  validation: share('validation'),
  test: share('testing where one file is cut'),
});

export type SquadOptions = z.output<typeof squadOptionsSchema>;
export type SquadDataset = Dataset & Required<Pick<Dataset, 'questions' | 'files'>>;

/** Nothing is read before the first split is asked for. */
export function createSquad(
  given: z.input<typeof squadOptionsSchema>,
  { source, folder }: DatasetContext,
): SquadDataset {
  const options = squadOptionsSchema.parse(given);
  const where = options.path ?? source;
  const found = once(() => findSquadFiles(resolve(folder, where), where, options));
  const splits = once(async () => readSplits(await found(), where, options));
  return {
    name: 'squad',
    description: `SQuAD${options.version === 'auto' ? '' : ` ${options.version}`}, questions about texts: ${where}`,
    files: async () => splitFiles(await found()),
    questions: async (split) => (await splits())[split],
  };
}

async function readSplits(
  files: SquadFiles,
  where: string,
  { validation, test }: SquadOptions,
): Promise<Record<SplitName, Questions>> {
  const read = async (name: string, version: SquadVersion | undefined): Promise<SquadContent> => {
    const content = await readInside(files.folder, name);
    return parseArticles(content, where.endsWith(name) ? where : join(where, name), version);
  };
  const { version, articles } = await read(files.train, files.version);
  const held = files.held === undefined ? undefined : (await read(files.held, version)).articles;
  if (held) assertApart(articles, held, where);
  const cut = cutArticles(articles, { validation, test: held ? 0 : test }, where);
  const split = (questions: readonly QuestionExample[], origin: Questions['origin']): Questions => ({
    ...{ questions, origin, unanswerable: version === '2.0' },
  });
  return {
    train: split(cut.train, 'derived'),
    validation: split(cut.validation, 'derived'),
    test: held ? split(questionsOf(held), 'official') : split(cut.test, 'derived'),
  };
}

const questionsOf = (articles: readonly Article[]): QuestionExample[] =>
  articles.flatMap(({ questions }) => [...questions]);

/** @throws InputError (`question-duplicate`) */
function assertApart(train: readonly Article[], held: readonly Article[], where: string): void {
  const ids = new Set(questionsOf(train).map(({ id }) => id));
  const twice = questionsOf(held).find(({ id }) => ids.has(id));
  if (!twice) return;
  const found = `question "${twice.id}" is to be trained on and tested on`;
  squadError('question-duplicate', where, found, 'Get both files again');
}

/** Evenly over the articles; two parts with one title are one article. @throws InputError (`dataset-too-short`) */
function cutArticles(
  articles: readonly Article[],
  shares: { readonly validation: number; readonly test: number },
  where: string,
): Record<SplitName, readonly QuestionExample[]> {
  const byTitle = new Map<string, QuestionExample[]>();
  for (const { title, questions } of articles) {
    if (questions.length === 0) continue;
    const there = byTitle.get(title) ?? [];
    byTitle.set(title, there);
    for (const question of questions) there.push(question);
  }
  const all = [...byTitle.values()];
  const parts = shares.test > 0 ? 3 : 2;
  if (all.length < parts) {
    const found = `${all.length === 1 ? 'there is one article' : `there are ${all.length} articles`} with questions, and ${parts} splits have to be cut from them`;
    squadError(
      'dataset-too-short',
      where,
      found,
      'Give a file with more articles: splits are cut between them',
    );
  }
  const cut = cutEvenly(all.length, shares);
  const of = (places: readonly number[]): QuestionExample[] =>
    places.flatMap((place) => all[place] as QuestionExample[]);
  return { train: of(cut.train), validation: of(cut.validation), test: of(cut.test) };
}

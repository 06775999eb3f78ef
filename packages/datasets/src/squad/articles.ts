/**
 * One file of SQuAD (Rajpurkar et al. 2016, arXiv 1606.05250; 2018, arXiv 1806.03822) as its articles with their questions.
 *
 * Offsets of answers are code points there, as Python counts them, and UTF-16 units here. Contexts and questions are never
 * trimmed: some begin with blanks, and the offsets count these.
 */
import { parseJson } from '@ligature/core';
import type { Answer, QuestionExample } from '@ligature/core';
import { z } from 'zod';
import { reasonOf } from '../sources/errors.js';
import { squadError } from './errors.js';

export const VERSIONS = ['1.1', '2.0'] as const;
export type SquadVersion = (typeof VERSIONS)[number];

export interface Article {
  readonly title: string;
  readonly questions: readonly QuestionExample[];
}

export interface SquadContent {
  readonly version: SquadVersion;
  readonly articles: readonly Article[];
}

/** Longest text, in UTF-16 units: a paragraph is some hundred, and one question of the original files has 25,651. */
const MOST_UNITS = 2 ** 20;

const text = z
  .string()
  .max(MOST_UNITS)
  .refine((one) => !/\p{Surrogate}/u.test(one), 'it is no well-formed Unicode');
const filled = text.refine((one) => one.trim() !== '', 'it is empty');

/** `plausible_answers` and whatever else there may be is not read. */
const questionSchema = z.object({
  id: filled,
  question: filled,
  answers: z.array(z.object({ text, answer_start: z.int().min(0) })),
  is_impossible: z.boolean().optional(),
});
type RawQuestion = z.output<typeof questionSchema>;

const fileSchema = z.object({
  version: z.string().optional(),
  data: z
    .array(
      z.object({
        title: text,
        paragraphs: z.array(z.object({ context: filled, qas: z.array(questionSchema) })),
      }),
    )
    .min(1),
});

/**
 * @param content of the file
 * @param where what messages call it
 * @param version what it is taken for; left out: what it says itself
 * @throws InputError (`squad-malformed`, `squad-version-unclear`, `answer-missing`, `answer-misplaced`,
 *   `question-duplicate`), naming the article and the question
 */
export function parseArticles(content: string, where: string, version?: SquadVersion): SquadContent {
  const raw = parsed(content, where);
  const known = version ?? versionOf(raw.version, where);
  const seen = new Set<string>();
  const articles = raw.data.map(({ title, paragraphs }): Article => {
    const questions = paragraphs.flatMap(({ context, qas }) => {
      const unitOf = unitsOf(context);
      return qas.map((raw): QuestionExample => {
        const at = { where, title, id: raw.id };
        if (seen.has(raw.id)) duplicate(at);
        seen.add(raw.id);
        assertAnswers(raw, known, at);
        const answers = raw.answers.map((answer) => placed(answer, context, unitOf, at));
        return { id: raw.id, question: raw.question, context, answers };
      });
    });
    return { title, questions };
  });
  return { version: known, articles };
}

function parsed(content: string, where: string): z.output<typeof fileSchema> {
  let value: unknown;
  try {
    value = parseJson(content);
  } catch (error) {
    const todo = 'Get the file again; SQuAD is one JSON object';
    return squadError('squad-malformed', where, `it is no JSON: ${reasonOf(error)}`, todo, error);
  }
  const result = fileSchema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const found = `${placeOf(value, issue?.path ?? [])}: ${issue?.message ?? 'it has another form'}`;
  return squadError('squad-malformed', where, found, 'Give a file in the format of SQuAD', result.error);
}

/** Where an issue is, with the title and the id that are there. */
function placeOf(value: unknown, path: readonly PropertyKey[]): string {
  const words: string[] = [];
  let here: unknown = value;
  path.forEach((key, depth) => {
    here =
      typeof here === 'object' && here !== null && Object.hasOwn(here, key)
        ? (here as Record<PropertyKey, unknown>)[key]
        : undefined;
    if (typeof key !== 'number') {
      if (depth === path.length - 1) words.push(`"${String(key)}"`);
      return;
    }
    const of = String(path[depth - 1]);
    const own = (here ?? {}) as { readonly title?: unknown; readonly id?: unknown };
    if (of === 'data') words.push(`article ${key + 1}${named(own.title)}`);
    else if (of === 'paragraphs') words.push(`paragraph ${key + 1}`);
    else if (of === 'qas') words.push(`question ${key + 1}${named(own.id)}`);
    else words.push(`answer ${key + 1}`);
  });
  return words.join(', ') || 'the file';
}

const named = (name: unknown): string => (typeof name === 'string' ? ` "${name.slice(0, 60)}"` : '');

function versionOf(said: string | undefined, where: string): SquadVersion {
  const [, number] = /^v?([12])\.\d$/u.exec(said ?? '') ?? [];
  if (number !== undefined) return number === '1' ? '1.1' : '2.0';
  return squadError(
    'squad-version-unclear',
    where,
    said === undefined ? 'it says no version' : `its version is "${said.slice(0, 60)}"`,
    'Say which one it is: --set dataset.version=1.1, or 2.0 where some questions have no answer',
  );
}

interface Place {
  readonly where: string;
  readonly title: string;
  readonly id: string;
}

const inWords = ({ title, id }: Place): string => `question "${id}" of the article "${title}"`;

function duplicate(at: Place): never {
  squadError('question-duplicate', at.where, `${inWords(at)} was there before`, 'Remove one of the two');
}

/** @throws InputError (`answer-missing`; `answer-contradicted` for a question said to have one, or none, that has not) */
function assertAnswers(
  { answers, is_impossible: impossible }: RawQuestion,
  version: SquadVersion,
  at: Place,
): void {
  if (version === '1.1' && answers.length === 0) {
    const todo = 'Say that such questions may be: --set dataset.version=2.0; or leave the question out';
    squadError('answer-missing', at.where, `${inWords(at)} has no answer`, todo);
  }
  if (version === '2.0' && impossible !== undefined && impossible !== (answers.length === 0)) {
    const found = `${inWords(at)} is said to be ${impossible ? 'impossible' : 'possible'} and has ${answers.length} answers`;
    squadError('answer-contradicted', at.where, found, 'Correct `is_impossible`, or the answers');
  }
}

/** From code points to UTF-16 units: the same where the text has none beyond U+FFFF. */
function unitsOf(context: string): (codePoint: number) => number {
  if (!/[\ud800-\udbff]/.test(context)) return (codePoint) => codePoint;
  let starts: number[] | undefined;
  return (codePoint) => {
    if (!starts) {
      starts = [];
      let unit = 0;
      for (const character of context) {
        starts.push(unit);
        unit += character.length;
      }
    }
    return starts[codePoint] ?? context.length;
  };
}

/** @throws InputError (`answer-misplaced`) */
function placed(
  { text, answer_start: codePoint }: RawQuestion['answers'][number],
  context: string,
  unitOf: (codePoint: number) => number,
  at: Place,
): Answer {
  const start = unitOf(codePoint);
  if (text.trim() !== '' && context.startsWith(text, start)) return { text, start };
  const there = context.slice(start, start + Math.max(1, text.length));
  return squadError(
    'answer-misplaced',
    at.where,
    `the answer ${quoted(text)} to ${inWords(at)} is said to begin at character ${codePoint} of the context, and ${quoted(there)} stands there`,
    'Get the file again, or correct `answer_start`: it counts Unicode characters from 0, blanks at the beginning too',
  );
}

const quoted = (one: string): string => JSON.stringify(one.length > 60 ? `${one.slice(0, 60)}…` : one);

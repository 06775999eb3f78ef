/** What a dataset may hold, and what each kind of content must look like. */
import { createHash } from 'node:crypto';
import type { Answer, DatasetContents, LabelledText, QuestionExample } from '@ligature/core';
import { show } from '../harness/show.js';
import { overlap } from './overlap.js';

/** Everything that one split holds, by kind. */
export type Contents = Partial<DatasetContents>;

export type ContentKind = keyof DatasetContents;

type Unknown<T> = { readonly [K in keyof T]?: unknown };

interface KindRules<T> {
  /** The method of `Dataset` that gives it. */
  readonly method: 'split' | 'passages' | 'labelledTexts' | 'questions' | 'images';
  /** What is wrong with the form of what was given; nothing if it is right. */
  fault(given: Unknown<T>): string | undefined;
  /** Texts in it, which must be well-formed Unicode. */
  texts(content: T): readonly string[];
  /** Where one split is in another one, in words. */
  shared(content: T, other: T): { readonly many: string; readonly one: string } | undefined;
}

const isFilled = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string');

const originFault = (origin: unknown): string | undefined =>
  origin === 'official' || origin === 'derived' ? undefined : `its origin is ${show(origin)}`;

const firstFault = <T>(items: readonly T[], fault: (item: T) => string | undefined): string | undefined => {
  for (const [at, item] of items.entries()) {
    const found = fault(item);
    if (found !== undefined) return `of number ${at} ${found}`;
  }
  return undefined;
};

/** Data repeat themselves; a split that is in another one does so throughout. */
const TOLERATED = 0.1;

function sharedItems(items: readonly string[], others: readonly string[], called: string) {
  const there = new Set(others);
  const shared = items.filter((item) => there.has(item));
  if (shared.length <= TOLERATED * items.length) return undefined;
  return { many: `${shared.length} of ${items.length} ${called}`, one: shared[0] as string };
}

const text: KindRules<DatasetContents['text']> = {
  method: 'split',
  fault: ({ text, origin }) => (isFilled(text) ? originFault(origin) : `its text is ${show(text)}`),
  texts: ({ text }) => [text],
  shared(one, other) {
    const found = overlap(one.text, other.text);
    return found && { many: `${found.shared} of ${found.looked} passages`, one: found.passage };
  },
};

const passages: KindRules<DatasetContents['passages']> = {
  method: 'passages',
  fault({ passages: given, origin }) {
    if (!Array.isArray(given) || given.length === 0) return `its passages are ${show(given)}`;
    return (
      originFault(origin) ?? firstFault(given, (one) => (isFilled(one) ? undefined : `it is ${show(one)}`))
    );
  },
  texts: ({ passages: all }) => all,
  shared: (one, other) => sharedItems(one.passages, other.passages, 'passages'),
};

const itemOf = ({ texts, label }: LabelledText): string => JSON.stringify([texts, label]);

const labelledTexts: KindRules<DatasetContents['labelled texts']> = {
  method: 'labelledTexts',
  fault({ examples, origin, classes }) {
    if (!Array.isArray(examples) || examples.length === 0) return `its examples are ${show(examples)}`;
    if (classes !== undefined && !isNames(classes)) return `its classes are ${show(classes)}`;
    const fault = ({ texts, label }: Unknown<LabelledText>): string | undefined => {
      const right = Array.isArray(texts) && (texts.length === 1 || texts.length === 2);
      if (!right || !texts.every((one) => typeof one === 'string')) return `the texts are ${show(texts)}`;
      const known = isNames(classes) ? classes.includes(label as string) : Number.isFinite(label);
      return known ? undefined : `the label is ${show(label)}`;
    };
    return originFault(origin) ?? firstFault(examples as Unknown<LabelledText>[], fault);
  },
  texts: ({ examples }) => examples.flatMap(({ texts }) => [...texts]),
  shared: (one, other) => sharedItems(one.examples.map(itemOf), other.examples.map(itemOf), 'examples'),
};

function answerFault(context: string, answers: unknown): string | undefined {
  if (!Array.isArray(answers)) return `the answers are ${show(answers)}`;
  const stands = ({ text, start }: Unknown<Answer>): boolean =>
    isFilled(text) &&
    Number.isSafeInteger(start) &&
    context.slice(start as number, (start as number) + text.length) === text;
  const wrong = (answers as Unknown<Answer>[]).find((answer) => !stands(answer));
  return wrong && `the answer ${show(wrong)} does not stand in the context`;
}

const questions: KindRules<DatasetContents['questions']> = {
  method: 'questions',
  fault({ questions: given, origin, unanswerable }) {
    if (!Array.isArray(given) || given.length === 0) return `its questions are ${show(given)}`;
    const all = given as Unknown<QuestionExample>[];
    if (new Set(all.map(({ id }) => id)).size !== all.length) return 'two questions have one id';
    const fault = ({ id, question, context, answers }: Unknown<QuestionExample>): string | undefined => {
      if (!isFilled(id) || !isFilled(question) || !isFilled(context)) {
        return `id, question or context is ${show({ id, question, context })}`;
      }
      if (Array.isArray(answers) && answers.length === 0 && unanswerable === false) {
        return 'there is no answer, and `unanswerable` is false';
      }
      return answerFault(context, answers);
    };
    return originFault(origin) ?? firstFault(all, fault);
  },
  texts: ({ questions: all }) => all.flatMap(({ question, context }) => [question, context]),
  shared: (one, other) =>
    sharedItems(
      one.questions.map(({ id }) => id),
      other.questions.map(({ id }) => id),
      'questions',
    ),
};

const images: KindRules<DatasetContents['images']> = {
  method: 'images',
  fault({ pixels, channels, height, width, labels, classes, origin }) {
    if (![channels, height, width].every(isCount)) return `its size is ${show([channels, height, width])}`;
    if (!(labels instanceof Int32Array) || labels.length === 0) return `its labels are ${show(labels)}`;
    if (!isNames(classes)) return `its classes are ${show(classes)}`;
    const size = (channels as number) * (height as number) * (width as number);
    if (!(pixels instanceof Uint8Array) || pixels.length !== size * labels.length) {
      const count = pixels instanceof Uint8Array ? pixels.length : show(pixels);
      return `its pixels are ${count}, of ${labels.length} images of ${size}`;
    }
    const wrong = labels.find((label) => label < 0 || label >= classes.length);
    return wrong === undefined ? originFault(origin) : `a label is ${wrong}, of ${classes.length} classes`;
  },
  texts: ({ classes }) => classes,
  shared: (one, other) => sharedItems(imagesOf(one), imagesOf(other), 'images'),
};

const imagesOf = ({ pixels, labels }: DatasetContents['images']): string[] => {
  const size = pixels.length / labels.length;
  return Array.from(labels, (_, at) =>
    createHash('sha256')
      .update(pixels.subarray(at * size, (at + 1) * size))
      .digest('hex'),
  );
};

const KINDS: { readonly [K in ContentKind]: KindRules<DatasetContents[K]> } = {
  text,
  passages,
  'labelled texts': labelledTexts,
  questions,
  images,
};

export const METHODS = Object.values(KINDS).map(({ method }) => method);

/** The rules of one kind, for content that is known to be of it. */
export const rulesOf = (kind: ContentKind): KindRules<unknown> => KINDS[kind] as KindRules<unknown>;

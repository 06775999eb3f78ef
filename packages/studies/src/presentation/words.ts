/** What studies say of configurations, texts and maps, in the words of a person. */
import {
  dataLabel,
  largest,
  visibleLine,
  type MeasuredFloor,
  type RunConfig,
  type TrialResult,
} from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';

/** One sentence on model, data and budget. */
export function describeBudget({ model, training }: RunConfig): string {
  const { budget, steps } = training;
  const rows = training.batch * training.accumulation;
  const context = numberOf(model.options['context']);
  const each = context === undefined ? `${rows} rows` : `${rows} × ${context} tokens`;
  const all = context === undefined ? '' : ` (${(steps * rows * context).toLocaleString('en-US')} in all)`;
  const spent =
    budget === null ? `${steps} steps of ${each}${all}` : `${formatBudget(budget)} in steps of ${each}`;
  return `${describeModel(model)}, trained for ${spent}`;
}

/** `8 layers of width 64 with 4 heads`; what a model does not have is left out. */
function describeModel({ name, options }: RunConfig['model']): string {
  const [layers, width, heads] = ['layers', 'width', 'heads'].map((size) => numberOf(options[size]));
  if (layers === undefined) return name;
  return [
    `${layers} layers`,
    ...(width === undefined ? [] : [`of width ${width}`]),
    ...(heads === undefined ? [] : [`with ${heads} heads`]),
  ].join(' ');
}

const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** `1e12 FLOPs`, `60 seconds`. */
function formatBudget({ kind, amount }: NonNullable<RunConfig['training']['budget']>): string {
  const unit = kind === 'flops' ? 'FLOPs' : kind === 'seconds' && amount === 1 ? 'second' : kind;
  const number = amount < 1e6 ? amount.toLocaleString('en-US') : amount.toExponential().replace('e+', 'e');
  return `${number} ${unit}`;
}

/** Sizes of the data: of a text those of its splits, and who cut them. */
export function describeData(data: TrialResult['data']): string {
  const { trainingTokens, validationTokens, testTokens, splits } = data;
  if ([trainingTokens, validationTokens, testTokens].every((count) => typeof count === 'number')) {
    const [train, validation, test] = [trainingTokens, validationTokens, testTokens].map((count) =>
      (count as number).toLocaleString('en-US'),
    );
    const origin = splits === 'official' ? "the publisher's splits" : 'splits cut by Ligature';
    return `${train} tokens to train on, ${validation} to validate, ${test} to test (${origin})`;
  }
  return Object.entries(data)
    .map(([name, value]) => `${spaced(name)} ${value.toLocaleString('en-US')}`)
    .join(', ');
}

/** `trainingRows` -> `training rows`. */
const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/**
 * What to know of times that were not measured on an idle machine; empty when trials ran one at a time.
 *
 * @param unit what the task counts
 */
export function sideBySideNote({ compare: { parallel }, threads }: RunConfig, unit: string): string {
  if (typeof parallel !== 'number' || parallel < 2) return '';
  const each = threads === null ? '' : ` on ${threads} ${threads === 1 ? 'thread' : 'threads'} each`;
  return `${capital(unit)}/s and seconds were measured with ${parallel} trials side by side${each}.`;
}

/** `Nats are per token.` of losses in nats per token; empty where they are of something else. */
export function lossNote(lossUnit: string): string {
  const [, unit = '', per] = /^(\S+) (per .+)$/.exec(lossUnit) ?? [];
  return per === undefined ? '' : `${capital(unit)} are ${per}.`;
}

export const capital = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

/** What a study does not speak beyond: a text, where it is text that the task counts. */
export const theseData = ({ unit }: Setting['task']): string =>
  unit === 'tokens' ? 'this text' : 'these data';
export const otherData = ({ unit }: Setting['task']): string =>
  unit === 'tokens' ? 'other texts' : 'other data';

/** `` tokenizer `byte` (256 tokens), ``; empty where the task uses none. */
export function tokenizerText({ tokenizer, vocabularySize }: Setting): string {
  if (tokenizer === '') return '';
  return `tokenizer ${code(tokenizer)}${vocabularySize > 0 ? ` (${vocabularySize} tokens)` : ''}, `;
}

/** `0-0-2-2`: the form that `--controller` takes back. */
export const mapText = (map: readonly number[]): string => map.join('-');

/** `1 seed`, `3 seeds`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `seed 3`, `seeds 1, 2`. */
export const seedsText = (seeds: readonly number[]): string =>
  `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;

/** Inline code; a text with back-ticks gets a longer fence, and none goes over several lines. */
export function code(given: string): string {
  const text = visibleLine(given);
  const longest = Math.max(0, largest([...text.matchAll(/`+/g)].map(([run]) => run.length)));
  if (longest === 0) return `\`${text}\``;
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${text} ${fence}`;
}

/** What all studies say of what they were computed with. */
export interface Setting {
  /** Or the task, where that makes its own data. */
  readonly dataset: string;
  /** Empty where the task uses none. */
  readonly tokenizer: string;
  readonly vocabularySize: number;
  readonly backend: string;
  /** Of the trials; where none has finished, a language model's, or as little as is known of another task. */
  readonly task: Pick<TrialResult, 'task' | 'unit' | 'lossUnit' | 'metrics'>;
  /** What needs no training, the weakest first; none where no trial says. */
  readonly floors: readonly MeasuredFloor[];
}

/** @param first a finished trial, if there is one */
export function settingOf(config: RunConfig, first: TrialResult | undefined): Setting {
  return {
    dataset: dataLabel(config),
    tokenizer: config.tokenizer?.name ?? '',
    vocabularySize: numberOf(first?.data['vocabularySize']) ?? 0,
    backend: first ? `${first.backend.name} (${first.backend.detail})` : config.backend.name,
    task: first
      ? { task: first.task, unit: first.unit, lossUnit: first.lossUnit, metrics: first.metrics }
      : unfinishedTask(config),
    floors: first?.floors ?? [],
  };
}

/** Only a trial that has finished says what its task measures. */
const unfinishedTask = ({ task: { name } }: RunConfig): Setting['task'] =>
  name === LANGUAGE_MODEL.task
    ? LANGUAGE_MODEL
    : {
        ...{ task: name, unit: 'examples', lossUnit: 'loss' },
        metrics: [{ name: 'loss', unit: '', better: 'lower' }],
      };

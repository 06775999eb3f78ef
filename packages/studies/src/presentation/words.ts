/** What studies say of configurations, texts and maps, in the words of a person. */
import type { RunConfig, TextSummary, TrialResult } from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';

/** One sentence on model, data and budget. */
export function describeBudget({ model, training }: RunConfig): string {
  const { budget } = training;
  const rows = training.batch * training.accumulation;
  const tokens = (training.steps * rows * model.context).toLocaleString('en-US');
  const each = `${rows} × ${model.context} tokens`;
  const spent =
    budget?.kind === 'flops' || budget?.kind === 'seconds'
      ? `${formatBudget(budget)} in steps of ${each}`
      : `${training.steps} steps of ${each} (${tokens} in all)`;
  return (
    `${model.layers} layers of width ${model.width} with ${model.heads} heads, ` + `trained for ${spent}`
  );
}

/** `1e12 FLOPs`, `60 seconds`. */
function formatBudget({ kind, amount }: NonNullable<RunConfig['training']['budget']>): string {
  const unit = kind === 'flops' ? 'FLOPs' : amount === 1 ? 'second' : 'seconds';
  const number = amount < 1e6 ? amount.toLocaleString('en-US') : amount.toExponential().replace('e+', 'e');
  return `${number} ${unit}`;
}

/** Sizes of the splits, and who cut them. */
export function describeText({ trainingTokens, validationTokens, testTokens, splits }: TextSummary): string {
  const [train, validation, test] = [trainingTokens, validationTokens, testTokens].map((count) =>
    count.toLocaleString('en-US'),
  );
  const origin = splits === 'official' ? "the publisher's splits" : 'splits cut by Ligature';
  return `${train} tokens to train on, ${validation} to validate, ${test} to test (${origin})`;
}

/** What to know of times that were not measured on an idle machine; empty when trials ran one at a time. */
export function sideBySideNote({ compare: { parallel }, threads }: RunConfig): string {
  if (typeof parallel !== 'number' || parallel < 2) return '';
  const each = threads === null ? '' : ` on ${threads} ${threads === 1 ? 'thread' : 'threads'} each`;
  return `Tokens/s and seconds were measured with ${parallel} trials side by side${each}.`;
}

/** `Nats are per token.` of losses in nats per token; empty where they are of something else. */
export function lossNote(lossUnit: string): string {
  const [, unit = '', per] = /^(\S+) (per .+)$/.exec(lossUnit) ?? [];
  return per === undefined ? '' : `${unit.charAt(0).toUpperCase()}${unit.slice(1)} are ${per}.`;
}

/** `0-0-2-2`: the form that `--controller` takes back. */
export const mapText = (map: readonly number[]): string => map.join('-');

/** `1 seed`, `3 seeds`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `seed 3`, `seeds 1, 2`. */
export const seedsText = (seeds: readonly number[]): string =>
  `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}`;

/** Inline code; a text with back-ticks gets a longer fence. */
export function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  if (longest === 0) return `\`${text}\``;
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${text} ${fence}`;
}

/** What all studies say of what they were computed with. */
export interface Setting {
  readonly dataset: string;
  readonly tokenizer: string;
  readonly vocabularySize: number;
  readonly backend: string;
  /** Of the trials; a language model's where none has finished. */
  readonly task: Pick<TrialResult, 'task' | 'unit' | 'lossUnit' | 'metrics'>;
}

/** @param first a finished trial, if there is one */
export function settingOf(config: RunConfig, first: TrialResult | undefined): Setting {
  return {
    dataset: config.dataset.name,
    tokenizer: config.tokenizer.name,
    vocabularySize: first?.text.vocabularySize ?? 0,
    backend: first ? `${first.backend.name} (${first.backend.detail})` : config.backend.name,
    task: first
      ? { task: first.task, unit: first.unit, lossUnit: first.lossUnit, metrics: first.metrics }
      : LANGUAGE_MODEL,
  };
}

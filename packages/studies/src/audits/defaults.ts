/** What the trained audits have in common by default: small enough for a minute or two on two cores. */
import type { RunConfig, RunConfigInput } from '@ligature/core';

type Text = Pick<RunConfigInput, 'dataset' | 'tokenizer'>;

/** Little text is held out, so that most of the time goes into training. */
const TEXT: Text = {
  dataset: { name: 'moby-dick', options: { validation: 0.01, test: 0.02 } },
  tokenizer: 'byte',
};

/**
 * The text that an audit trains on by default. Another task than the usual one has data of its own.
 *
 * @param chosen what file and flags say
 */
export const textFor = (chosen: RunConfig | undefined, own: Text = {}): Text =>
  isUsual(chosen) ? { ...TEXT, ...own } : {};

const isUsual = (chosen: RunConfig | undefined): boolean =>
  chosen === undefined || chosen.task.name === 'causal-lm';

/** A stack of this size. Another task may come with another architecture, whose sequences are what its data say. */
export const small = (chosen: RunConfig | undefined, layers: number, width: number) => ({
  name: 'gpt2',
  options: { layers, width, heads: 4, ...(isUsual(chosen) && { context: 32 }) },
});

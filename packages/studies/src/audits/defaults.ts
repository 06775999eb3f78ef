/** What the trained audits have in common by default: small enough for a minute or two on two cores. */
import type { RunConfigInput } from '@ligature/core';

/** Little text is held out, so that most of the time goes into training. */
export const COMMON = {
  dataset: { name: 'moby-dick', options: { validation: 0.01, test: 0.02 } },
  tokenizer: 'byte',
} satisfies RunConfigInput;

export const small = (layers: number, width: number) => ({
  name: 'gpt2',
  options: { layers, width, heads: 4, context: 32 },
});

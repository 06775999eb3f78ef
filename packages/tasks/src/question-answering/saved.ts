import { ContractError } from '@ligature/core';
import type { Fitted, Json, Tokenizer } from '@ligature/core';
import { z } from 'zod';
import { framingOf, type Framing } from '../text/framing.js';
import { TASK } from './questions.js';

const savedSchema = z.strictObject({
  tokenizer: z.custom<Json>((value) => value !== undefined),
  opening: z.int().min(0),
  separator: z.int().min(0),
});

/** @returns what the tokenizer is made from again @throws ContractError (`task-state-invalid`) */
export function savedTokenizerOf(saved: Json): Json {
  const parsed = savedSchema.safeParse(saved);
  if (parsed.success) return parsed.data.tokenizer;
  throw new ContractError('task-state-invalid', {
    asked: `Open a run of the task "${TASK}"`,
    found: 'what was saved with it has no tokenizer and framing tokens',
    todo: 'Give a run that was saved whole',
  });
}

export function fittedTo(tokenizer: Tokenizer): Fitted & { readonly framing: Framing } {
  const framing = framingOf(tokenizer);
  const { opening, separator, vocabularySize } = framing;
  return {
    head: { kind: 'token-span', outputs: 2 },
    inputs: { vocabularySize },
    saved: { tokenizer: tokenizer.toJSON(), opening, separator },
    tokenizer,
    framing,
  };
}

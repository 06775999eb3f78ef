/** Tokenizers whose `tokenizer.json` was read from a file, but for the reading: `node/read-file.ts` does that. */
import type { Json, Tokenizer } from '@ligature/core';
import { describeIssues, InputError } from '@ligature/core';
import { z } from 'zod';
import { loadTokenizerJson, type LoadOptions } from './tokenizer-json/load.js';

const tokens = {
  bosToken: z
    .string()
    .min(1)
    .optional()
    .describe('The token that opens texts; found by its usual names if left out'),
  eosToken: z
    .string()
    .min(1)
    .optional()
    .describe('The token that ends texts; found by its usual names if left out'),
};

export const fileOptionsSchema = z.strictObject({
  path: z.string().min(1).describe('Path of a tokenizer.json, relative to the working folder'),
  ...tokens,
});

const savedSchema = z.strictObject({ tokenizer: z.unknown(), ...tokens });

/** The same tokenizer again from its `toJSON()`, without the file. @throws InputError. */
export function restoreTokenizerFile(saved: Json): Tokenizer {
  const parsed = savedSchema.safeParse(saved);
  if (parsed.success) return fromContent((saved as { tokenizer?: Json }).tokenizer, parsed.data);
  throw new InputError('tokenizer-saved-invalid', {
    asked: 'Restore a tokenizer that was loaded from a file',
    found: describeIssues(parsed.error),
    todo: 'Use what toJSON() of such a tokenizer gave',
  });
}

type Chosen = { bosToken?: string | undefined; eosToken?: string | undefined };

/** @param content the file's, parsed */
export function fromContent(content: unknown, { bosToken, eosToken }: Chosen): Tokenizer {
  const chosen: LoadOptions = { ...(bosToken && { bosToken }), ...(eosToken && { eosToken }) };
  const tokenizer = loadTokenizerJson(content, chosen);
  return { ...tokenizer, toJSON: () => ({ tokenizer: tokenizer.toJSON(), ...chosen }) };
}

import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Json, Tokenizer } from '@ligature/core';
import { describeIssues, InputError, parseJson } from '@ligature/core';
import { z } from 'zod';
import { loadTokenizerJson, type LoadOptions } from './tokenizer-json/load.js';

/** Published files stay below 40 MB; a larger one is not read into memory. */
const MAX_BYTES = 256 * 2 ** 20;

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

/** @throws InputError (`tokenizer-file-unreadable`, `tokenizer-json-invalid`, `tokenizer-token-unknown`). */
export async function readTokenizerFile(options: z.output<typeof fileOptionsSchema>): Promise<Tokenizer> {
  const path = resolve(options.path);
  const refuse = (found: string, cause?: unknown): never => {
    throw new InputError(
      'tokenizer-file-unreadable',
      { asked: `Load the tokenizer ${options.path}`, found, todo: 'Give the path of a tokenizer.json' },
      { cause },
    );
  };
  const text = await stat(path)
    .then((found) => {
      if (!found.isFile()) return refuse('it is not a file');
      if (found.size > MAX_BYTES) return refuse(`it has ${found.size} bytes, more than ${MAX_BYTES}`);
      return readFile(path, 'utf8');
    })
    .catch((error: unknown) => {
      if (error instanceof InputError) throw error;
      return refuse(error instanceof Error ? error.message : String(error), error);
    });
  let content: unknown;
  try {
    content = parseJson(text);
  } catch (error) {
    refuse(`it is not JSON: ${(error as Error).message}`, error);
  }
  return fromContent(content, options);
}

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

function fromContent(content: unknown, { bosToken, eosToken }: Chosen): Tokenizer {
  const chosen: LoadOptions = { ...(bosToken && { bosToken }), ...(eosToken && { eosToken }) };
  const tokenizer = loadTokenizerJson(content, chosen);
  return { ...tokenizer, toJSON: () => ({ tokenizer: tokenizer.toJSON(), ...chosen }) };
}

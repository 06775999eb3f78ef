import { resolve } from 'node:path';
import { InputError, parseJson, type Tokenizer } from '@ligature/core';
import { readPlainFile } from '@ligature/core/node';
import type { z } from 'zod';
import { fromContent, type fileOptionsSchema } from '../file.js';

/** Published files stay below 40 MB; a larger one is not read into memory. */
const MAX_BYTES = 256 * 2 ** 20;

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
  const bytes = await readPlainFile(path, { most: MAX_BYTES }).catch((error: unknown) =>
    refuse(error instanceof Error ? error.message : String(error), error),
  );
  let content: unknown;
  try {
    content = parseJson(bytes.toString('utf8'));
  } catch (error) {
    refuse(`it is not JSON: ${(error as Error).message}`, error);
  }
  return fromContent(content, options);
}

/** Vocabularies of a file: tokens with their ids, where `__proto__` is a token like any other. */
import { z } from 'zod';
import { isWellFormed } from '../../utf8.js';
import { invalid } from '../refuse.js';

/** Larger than any published vocabulary; an id beyond it would make a model allocate absurd tables. */
export const MAX_ID = 4_000_000;

export const idSchema = z.int().min(0).max(MAX_ID);

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Not z.record: it drops a key `__proto__`, which here is a token.
export const vocabularySchema = z.custom<Record<string, number>>(
  (value) => isObject(value) && Object.values(value).every((id) => idSchema.safeParse(id).success),
  `must map tokens to whole numbers from 0 to ${MAX_ID}`,
);

export interface Vocabulary {
  readonly ids: ReadonlyMap<string, number>;
  readonly tokens: ReadonlyMap<number, string>;
}

/** @throws InputError if two tokens share an id, for then nothing says what it decodes to */
export function readVocabulary(entries: Iterable<readonly [string, number]>, field: string): Vocabulary {
  const ids = new Map<string, number>();
  const tokens = new Map<number, string>();
  for (const [token, id] of entries) {
    const other = tokens.get(id);
    if (other !== undefined && other !== token) {
      invalid(
        field,
        `has an id twice: the tokens ${JSON.stringify(other)} and ${JSON.stringify(token)} share the id ${id}`,
      );
    }
    if (!isWellFormed(token))
      invalid(field, `has the token ${JSON.stringify(token)}, half of a surrogate pair`);
    ids.set(token, id);
    tokens.set(id, token);
  }
  if (ids.size === 0) invalid(field, 'is empty');
  return { ids, tokens };
}

/** `<0x41>`, as vocabularies spell the byte. */
export const byteToken = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;

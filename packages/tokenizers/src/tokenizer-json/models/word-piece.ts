/** `WordPiece`: the longest token that begins what is left of a piece, again and again; all of it or unknown. */
import { z } from 'zod';
import { fieldOf } from '../refuse.js';
import type { Model } from './model.js';
import { readVocabulary, vocabularySchema } from './vocabulary.js';
import { missingUnknown } from './word-level.js';

export const wordPieceSchema = z.looseObject({
  vocab: vocabularySchema,
  unk_token: z.string().default('[UNK]'),
  continuing_subword_prefix: z.string().default('##'),
  max_input_chars_per_word: z.int().min(0).default(100),
});

export function wordPiece(fields: z.output<typeof wordPieceSchema>, field: string): Model {
  const { unk_token: unknown, continuing_subword_prefix: prefix, max_input_chars_per_word: most } = fields;
  const { ids, tokens } = readVocabulary(Object.entries(fields.vocab), fieldOf(field, 'vocab'));
  const unknownId = ids.get(unknown);
  const first = new Map<string, number>();
  const later = new Map<string, number>();
  for (const [token, id] of ids) {
    first.set(token, id);
    if (token.startsWith(prefix)) later.set(token.slice(prefix.length), id);
  }
  const longest = Math.max(...longestOf(first), ...longestOf(later));

  const longestToken = (piece: string, start: number): number => {
    const known = start === 0 ? first : later;
    for (let end = Math.min(piece.length, start + longest); end > start; end -= 1) {
      if (known.has(piece.slice(start, end))) return end;
    }
    return -1;
  };

  return {
    size: ids.size,
    idOf: (token) => ids.get(token),
    tokens: () => tokens,
    encode(piece, buffer) {
      const found: number[] = [];
      let start = [...piece].length > most ? -1 : 0;
      while (start >= 0 && start < piece.length) {
        const end = longestToken(piece, start);
        if (end >= 0) found.push((start === 0 ? first : later).get(piece.slice(start, end)) as number);
        start = end;
      }
      if (start < 0) buffer.push(unknownId ?? missingUnknown(field, unknown, piece));
      else for (const id of found) buffer.push(id);
    },
  };
}

function* longestOf(known: ReadonlyMap<string, number>): Generator<number> {
  let longest = 0;
  for (const token of known.keys()) longest = Math.max(longest, token.length);
  yield longest;
}

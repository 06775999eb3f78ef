/** `WordLevel`: a piece is a token of the vocabulary or unknown. */
import { z } from 'zod';
import { fieldOf, unsupported } from '../refuse.js';
import type { Model } from './model.js';
import { readVocabulary, vocabularySchema } from './vocabulary.js';

export const wordLevelSchema = z.looseObject({ vocab: vocabularySchema, unk_token: z.string() });

export function wordLevel(
  { vocab, unk_token: unknown }: z.output<typeof wordLevelSchema>,
  field: string,
): Model {
  const { ids, tokens } = readVocabulary(Object.entries(vocab), fieldOf(field, 'vocab'));
  const unknownId = ids.get(unknown);
  return {
    size: ids.size,
    idOf: (token) => ids.get(token),
    tokens: () => tokens,
    encode(piece, buffer) {
      buffer.push(ids.get(piece) ?? unknownId ?? missingUnknown(field, unknown, piece));
    },
  };
}

/** @throws InputError always */
export const missingUnknown = (field: string, unknown: string, piece: string): never =>
  unsupported(
    fieldOf(field, 'unk_token'),
    `the vocabulary has neither it nor what the text needs: ${JSON.stringify(piece.slice(0, 40))}`,
    unknown,
  );

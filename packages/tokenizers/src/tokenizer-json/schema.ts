/**
 * The shape of Hugging Face's `tokenizer.json`. A file from outside is hostile until it has passed here and the
 * schemas of its parts, which lie beside what they describe.
 */
import { z } from 'zod';
import { addedTokenSchema } from './added-tokens.js';
import { check } from './component.js';
import { bpeSchema } from './models/bpe.js';
import { modelType } from './models/index.js';
import { unigramSchema } from './models/unigram.js';
import { isObject } from './models/vocabulary.js';
import { wordLevelSchema } from './models/word-level.js';
import { wordPieceSchema } from './models/word-piece.js';
import { checkPostProcessor } from './post-processor.js';
import { unsupported } from './refuse.js';

const part = z.looseObject({ type: z.string() }).nullish();

const fileShape = {
  version: z.string().optional(),
  truncation: z.unknown().optional(),
  padding: z.unknown().optional(),
  added_tokens: z.array(addedTokenSchema).max(100_000).optional(),
  normalizer: part,
  pre_tokenizer: part,
  post_processor: part,
  decoder: part,
};

export const tokenizerJsonSchema = z.looseObject({
  ...fileShape,
  model: z.discriminatedUnion('type', [
    bpeSchema.extend({ type: z.literal('BPE') }),
    wordPieceSchema.extend({ type: z.literal('WordPiece') }),
    wordLevelSchema.extend({ type: z.literal('WordLevel') }),
    unigramSchema.extend({ type: z.literal('Unigram') }),
  ]),
});

/** A parsed `tokenizer.json`. */
export type TokenizerJson = z.input<typeof tokenizerJsonSchema>;

/** All but the model, which has a schema by its type. */
const outerSchema = z.looseObject({ ...fileShape, model: z.unknown() });

export interface ParsedFile {
  /** As it was given, with the type of the model: a copy would lose keys that look like prototypes. */
  readonly json: TokenizerJson;
  readonly fields: z.output<typeof outerSchema>;
}

/**
 * Checks a value that came out of JSON.parse.
 *
 * @throws InputError (`tokenizer-json-invalid`, `tokenizer-json-unsupported`) that names the field
 */
export function parseTokenizerJson(value: unknown): ParsedFile {
  const fields = check(outerSchema, value, '');
  const type = modelType(fields.model);
  refuseOtherIds(fields);
  const json = { ...(value as object), model: { ...(fields.model as object), type } } as TokenizerJson;
  return { json, fields };
}

/** What stands beside the parts of a file and would change the ids of a text. */
function refuseOtherIds({ version, truncation, padding, post_processor: post }: ParsedFile['fields']): void {
  if (version !== undefined && version !== '1.0') unsupported('version', 'only 1.0 is known', version);
  if (truncation !== null && truncation !== undefined) {
    unsupported('truncation', 'a text to train on must not be cut to a length: make it null', truncation);
  }
  const fixed =
    isObject(padding) &&
    (padding['strategy'] !== 'BatchLongest' || (padding['pad_to_multiple_of'] ?? 0) !== 0);
  if (fixed) unsupported('padding', 'texts are not filled up to a length: make it null', padding);
  if (post) checkPostProcessor(post, 'post_processor');
}

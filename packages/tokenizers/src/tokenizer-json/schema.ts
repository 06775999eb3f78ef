/**
 * The shape of Hugging Face's `tokenizer.json`. A file from outside is hostile until it has passed here: sizes
 * are bounded, ids are unique, merges refer to tokens that exist, and tokens named `__proto__` or
 * `constructor` are tokens and nothing else. Components and their patterns are bounded in `components.ts` and `regex-screen.ts`.
 */
import { describeIssues, InputError } from '@ligature/core';
import { z } from 'zod';

/** Larger than any published vocabulary; an id beyond it would make a model allocate absurd tables. */
const MAX_ID = 4_000_000;

const idSchema = z.int().min(0).max(MAX_ID);
const flag = z.boolean().optional();
const component = z.looseObject({ type: z.string() }).nullish();

const addedTokenSchema = z.looseObject({
  id: idSchema,
  content: z.string().min(1).max(1000),
  single_word: flag,
  lstrip: flag,
  rstrip: flag,
  normalized: flag,
  special: flag,
});

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

// Not z.record: it drops a key `__proto__`, which here is a token.
const vocabularySchema = z.custom<Record<string, number>>(
  (value) => isObject(value) && Object.values(value).every((id) => idSchema.safeParse(id).success),
  `must map tokens to whole numbers from 0 to ${MAX_ID}`,
);

const pieceSchema = z.tuple([z.string(), z.number()]);
const mergeSchema = z.union([z.tuple([z.string(), z.string()]), z.string().includes(' ')]);

const modelSchema = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('BPE'),
    vocab: vocabularySchema,
    merges: z.array(mergeSchema),
    dropout: z.number().nullish(),
    unk_token: z.string().nullish(),
    continuing_subword_prefix: z.string().nullish(),
    end_of_word_suffix: z.string().nullish(),
    fuse_unk: flag,
    byte_fallback: flag,
    ignore_merges: flag,
  }),
  z.looseObject({ type: z.literal('WordPiece'), vocab: vocabularySchema, unk_token: z.string() }),
  z.looseObject({ type: z.literal('Unigram'), vocab: z.array(pieceSchema).min(1).max(MAX_ID) }),
]);

export const tokenizerJsonSchema = z.looseObject({
  version: z.string().optional(),
  added_tokens: z.array(addedTokenSchema).max(100_000),
  normalizer: component,
  pre_tokenizer: component,
  post_processor: component,
  decoder: component,
  model: modelSchema,
});

/** A parsed `tokenizer.json`. */
export type TokenizerJson = z.input<typeof tokenizerJsonSchema>;
export type BpeModelJson = Extract<TokenizerJson['model'], { type: 'BPE' }>;

const refuse = (found: string, cause?: unknown): never => {
  throw new InputError(
    'tokenizer-json-invalid',
    {
      asked: 'Load a tokenizer.json',
      found,
      todo: 'Use a tokenizer.json as the Hugging Face tokenizers library writes it (BPE, WordPiece or Unigram)',
    },
    { cause },
  );
};

/** Left and right part of a merge, which older files write as one string with a space. */
export function mergeParts(merge: BpeModelJson['merges'][number]): readonly [string, string] {
  if (typeof merge !== 'string') return merge;
  const space = merge.indexOf(' ');
  return [merge.slice(0, space), merge.slice(space + 1)];
}

/** Tokens by id, added ones included. @throws InputError (`tokenizer-json-invalid`) if two share an id. */
export function tokensById(json: TokenizerJson): Map<number, string> {
  const { model } = json;
  const tokens = new Map<number, string>();
  const entries: Iterable<readonly [string, number]> =
    model.type === 'Unigram' ? model.vocab.map(([token], id) => [token, id]) : Object.entries(model.vocab);
  const added = json.added_tokens.map(({ content, id }) => [content, id] as const);
  for (const [token, id] of [...entries, ...added]) {
    const other = tokens.get(id);
    if (other !== undefined && other !== token) {
      refuse(`the tokens ${JSON.stringify(other)} and ${JSON.stringify(token)} share the id ${id}`);
    }
    tokens.set(id, token);
  }
  if (tokens.size === 0) refuse('the vocabulary is empty');
  return tokens;
}

function checkMerges(model: BpeModelJson): void {
  for (const merge of model.merges) {
    const [left, right] = mergeParts(merge);
    const parts = [left, right, left + right];
    const missing = parts.find((token) => !Object.hasOwn(model.vocab, token));
    // A continuing prefix is cut from the right part when it is joined; such vocabularies spell it out.
    if (missing !== undefined && !model.continuing_subword_prefix) {
      refuse(
        `the merge ${JSON.stringify(merge)} needs the token ${JSON.stringify(missing)}, which is not there`,
      );
    }
  }
}

/**
 * Checks a value that came out of JSON.parse.
 *
 * @throws InputError (`tokenizer-json-invalid`)
 */
export function parseTokenizerJson(value: unknown): TokenizerJson {
  // Early files leave the type of the model out; only BPE has merges.
  const model = isObject(value) ? value['model'] : undefined;
  const untyped = isObject(model) && model['type'] === undefined && Array.isArray(model['merges']);
  const json = untyped ? { ...(value as object), model: { ...model, type: 'BPE' } } : value;
  const parsed = tokenizerJsonSchema.safeParse(json);
  if (!parsed.success) return refuse(describeIssues(parsed.error), parsed.error);
  // The value itself, not zod's copy: the copy would lose keys that look like prototypes.
  const checked = json as TokenizerJson;
  if (checked.model.type === 'BPE') checkMerges(checked.model);
  return checked;
}

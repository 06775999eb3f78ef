/**
 * A tokenizer from a `tokenizer.json`, which gives the ids of Hugging Face's native library. A plain byte-level BPE
 * (GPT-2's kind, and what `trainBpe` makes) runs on the encoder of the trained tokenizers; everything else on the
 * parts that the file names.
 */
import type { Json, Tokenizer } from '@ligature/core';
import { InputError, nearestName } from '@ligature/core';
import { createByteLevelTokenizer } from '../bpe/byte-level.js';
import { addTokens, type AddedTokens } from './added-tokens.js';
import { checkBounds } from './bounds.js';
import { byteLevelTables } from './byte-level-tables.js';
import { buildDecoder } from './decoders/index.js';
import { buildModel } from './models/index.js';
import type { Model } from './models/model.js';
import { buildNormalizer } from './normalizers/index.js';
import { createPipeline } from './pipeline.js';
import { buildPreTokenizer } from './pre-tokenizers/index.js';
import { parseTokenizerJson } from './schema.js';

export interface LoadOptions {
  /** Name of the tokenizer; `file` by default. */
  readonly name?: string;
  /** The token that opens texts; by default the first usual one that the file declares. */
  readonly bosToken?: string;
  /** The token that ends texts; by default the first usual one that the file declares. */
  readonly eosToken?: string;
}

const USUAL_BOS = ['<|endoftext|>', '<s>', '<bos>', '<|begin_of_text|>', '[BOS]', '[CLS]'];
const USUAL_EOS = ['<|endoftext|>', '</s>', '<eos>', '<|end_of_text|>', '[EOS]', '[SEP]'];
const USUAL_MASK = ['[MASK]', '<mask>'];

/**
 * Builds a tokenizer from the parsed content of a `tokenizer.json`. Its `toJSON()` is that content.
 *
 * @throws InputError (`tokenizer-json-invalid`, `tokenizer-json-unsupported`, `tokenizer-token-unknown`)
 */
export function loadTokenizerJson(content: unknown, options: LoadOptions = {}): Tokenizer {
  const { json, fields } = parseTokenizerJson(content);
  checkBounds(fields);
  const part = <T>(
    value: unknown,
    field: string,
    build: (value: unknown, field: string) => T,
  ): T | undefined => (value === null || value === undefined ? undefined : build(value, field));
  const normalizer = part(fields.normalizer, 'normalizer', buildNormalizer);
  const preTokenizer = part(fields.pre_tokenizer, 'pre_tokenizer', buildPreTokenizer);
  const decoder = part(fields.decoder, 'decoder', buildDecoder);
  const model = buildModel(fields.model);
  const added = addTokens(fields.added_tokens ?? [], model, normalizer);
  const tokens = tokensById(model, added);

  const bosId = specialId(model, added, options.bosToken, USUAL_BOS);
  const eosId = specialId(model, added, options.eosToken, USUAL_EOS);
  const maskId = specialId(model, added, undefined, USUAL_MASK);
  let largest = 0;
  for (const id of tokens.keys()) largest = Math.max(largest, id);
  const identity = {
    name: options.name ?? 'file',
    vocabularySize: largest + 1,
    ...(bosId !== undefined && { bosId }),
    ...(eosId !== undefined && { eosId }),
    ...(maskId !== undefined && { maskId }),
    toJSON: () => json as Json,
  };
  const tables = byteLevelTables(fields, model, added, tokens);
  if (tables) return createByteLevelTokenizer({ ...identity, ...tables });
  return createPipeline({ added, normalizer, preTokenizer, model, decoder, tokens }, identity);
}

/** Added tokens come before those of the model if an id is of both. */
function tokensById(model: Model, added: AddedTokens): Map<number, string> {
  const tokens = new Map(model.tokens());
  for (const [id, { content }] of added.byId) tokens.set(id, content);
  return tokens;
}

function specialId(
  model: Model,
  added: AddedTokens,
  wanted: string | undefined,
  usual: readonly string[],
): number | undefined {
  if (wanted === undefined) {
    const name = usual.find((one) => added.ids.has(one));
    return name === undefined ? undefined : added.ids.get(name);
  }
  const id = added.ids.get(wanted) ?? model.idOf(wanted);
  if (id !== undefined) return id;
  const nearest = nearestName(wanted, [...added.ids.keys()]);
  throw new InputError('tokenizer-token-unknown', {
    asked: `Use ${JSON.stringify(wanted)} as a special token`,
    found: 'the tokenizer.json has no such token',
    todo: nearest ? `Did you mean ${JSON.stringify(nearest)}?` : 'Name a token of its vocabulary',
  });
}

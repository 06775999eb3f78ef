/**
 * A tokenizer from a `tokenizer.json`. A plain byte-level BPE (GPT-2's kind, and what `trainBpe` makes) runs on
 * this package's own encoder, which keeps no object per token; everything else on Hugging Face's library.
 */
import type { Json, Tokenizer } from '@ligature/core';
import { InputError, nearestName } from '@ligature/core';
import { createByteLevelTokenizer } from '../bpe/byte-level.js';
import { MergeTable } from '../bpe/merges.js';
import { BYTE_SYMBOLS, tokenBytes } from '../byte-symbols.js';
import { toUtf8 } from '../utf8.js';
import { createLibraryTokenizer } from './library.js';
import { mergeParts, parseTokenizerJson, tokensById, type TokenizerJson } from './schema.js';

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

/**
 * Builds a tokenizer from the parsed content of a `tokenizer.json`. Its `toJSON()` is that content.
 *
 * @throws InputError (`tokenizer-json-invalid`, `tokenizer-token-unknown`)
 */
export function loadTokenizerJson(content: unknown, options: LoadOptions = {}): Tokenizer {
  const json = parseTokenizerJson(content);
  const tokens = tokensById(json);
  const bosId = specialId(json, tokens, options.bosToken, USUAL_BOS);
  const eosId = specialId(json, tokens, options.eosToken, USUAL_EOS);
  const identity = {
    name: options.name ?? 'file',
    vocabularySize: largest(tokens.keys()) + 1,
    ...(bosId !== undefined && { bosId }),
    ...(eosId !== undefined && { eosId }),
    toJSON: () => json as Json,
  };
  const tables = byteLevelTables(json, tokens, identity.vocabularySize);
  return tables
    ? createByteLevelTokenizer({ ...identity, ...tables })
    : createLibraryTokenizer(json, identity);
}

function largest(ids: Iterable<number>): number {
  let max = 0;
  for (const id of ids) max = Math.max(max, id);
  return max;
}

function specialId(
  json: TokenizerJson,
  tokens: ReadonlyMap<number, string>,
  wanted: string | undefined,
  usual: readonly string[],
): number | undefined {
  if (wanted !== undefined) {
    for (const [id, token] of tokens) if (token === wanted) return id;
    const nearest = nearestName(
      wanted,
      json.added_tokens.map(({ content }) => content),
    );
    throw new InputError('tokenizer-token-unknown', {
      asked: `Use ${JSON.stringify(wanted)} as a special token`,
      found: 'the tokenizer.json has no such token',
      todo: nearest ? `Did you mean ${JSON.stringify(nearest)}?` : 'Name a token of its vocabulary',
    });
  }
  for (const name of usual) {
    const token = json.added_tokens.find(({ content }) => content === name);
    if (token) return token.id;
  }
  return undefined;
}

/** The tables of the own encoder, if the file describes what that encoder does and nothing besides. */
function byteLevelTables(json: TokenizerJson, tokens: ReadonlyMap<number, string>, size: number) {
  const { model, normalizer, pre_tokenizer: pre, decoder, added_tokens: added } = json;
  const plain =
    model.type === 'BPE' &&
    !normalizer &&
    pre?.type === 'ByteLevel' &&
    pre['add_prefix_space'] !== true &&
    pre['use_regex'] !== false &&
    decoder?.type === 'ByteLevel' &&
    !model.dropout &&
    !model.continuing_subword_prefix &&
    !model.end_of_word_suffix &&
    !model['continuing_subword_suffix'] &&
    !model.byte_fallback &&
    !model.ignore_merges &&
    added.every(({ lstrip, rstrip, single_word: single }) => !lstrip && !rstrip && !single);
  if (!plain) return undefined;

  const special = new Map(added.map(({ content, id }) => [content, id]));
  const bytes: (Uint8Array | undefined)[] = new Array(size);
  for (const [id, token] of tokens) {
    const spelled = special.has(token) ? toUtf8(token) : tokenBytes(token);
    if (!spelled) return undefined;
    bytes[id] = spelled;
  }
  // A byte that is missing or is a special token has rules of its own: the library's.
  if (!BYTE_SYMBOLS.every((symbol) => Object.hasOwn(model.vocab, symbol) && !special.has(symbol))) {
    return undefined;
  }
  const merges = new MergeTable(size);
  const idOf = (token: string): number => model.vocab[token] as number;
  for (const merge of model.merges) {
    const [left, right] = mergeParts(merge);
    merges.add(idOf(left), idOf(right), idOf(left + right));
  }
  return { bytes, byteIds: BYTE_SYMBOLS.map(idOf), merges, special };
}

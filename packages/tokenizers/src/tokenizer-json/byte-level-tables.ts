/** The tables of the byte-level encoder, for files that describe what that encoder does and nothing besides. */
import type { ByteLevelTables } from '../bpe/byte-level.js';
import { BYTE_SYMBOLS, tokenBytes } from '../byte-symbols.js';
import { toUtf8 } from '../utf8.js';
import type { AddedTokens } from './added-tokens.js';
import { bpeSchema, mergeTable } from './models/bpe.js';
import { modelType } from './models/index.js';
import type { Model } from './models/model.js';
import type { ParsedFile } from './schema.js';

type Tables = Pick<ByteLevelTables, 'bytes' | 'byteIds' | 'merges' | 'special'>;

/** @param tokens texts by id @returns nothing if the file says more than that encoder can do */
export function byteLevelTables(
  { model: modelJson, normalizer, pre_tokenizer: pre, decoder }: ParsedFile['fields'],
  model: Model,
  added: AddedTokens,
  tokens: ReadonlyMap<number, string>,
): Tables | undefined {
  if (modelType(modelJson) !== 'BPE' || normalizer) return undefined;
  if (pre?.type !== 'ByteLevel' || pre['add_prefix_space'] !== false || pre['use_regex'] === false)
    return undefined;
  if (decoder?.type !== 'ByteLevel') return undefined;
  const fields = bpeSchema.parse(modelJson);
  if (fields.dropout || fields.continuing_subword_prefix || fields.end_of_word_suffix || fields.ignore_merges)
    return undefined;
  const all = [...added.byId.values()];
  if (all.some(({ lstrip, rstrip, single_word: single }) => lstrip || rstrip || single)) return undefined;
  // Those of the two kinds are looked for one kind after the other.
  if (new Set(all.map(({ normalized }) => normalized)).size > 1) return undefined;
  const byteIds = BYTE_SYMBOLS.map((symbol) => model.idOf(symbol));
  if (!byteIds.every((id) => id !== undefined)) return undefined;

  const bytes: Uint8Array[] = [];
  for (const [id, token] of tokens) bytes[id] = tokenBytes(token) ?? toUtf8(token);
  const ids = new Map([...model.tokens()].map(([id, token]) => [token, id]));
  return {
    bytes,
    byteIds: byteIds as number[],
    merges: mergeTable(fields, { ids, tokens }, bytes.length, 'model'),
    special: added.ids,
  };
}

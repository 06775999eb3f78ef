import type { TokenizerJson } from './schema.js';

/** The `tokenizer.json` of a byte-level BPE, as Hugging Face's own trainer writes it. */
export function tokenizerJson(
  tokens: readonly string[],
  merges: readonly (readonly [string, string])[],
  special: string,
): TokenizerJson {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: [
      {
        id: tokens.indexOf(special),
        content: special,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      },
    ],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: { ...byteLevel, add_prefix_space: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      // Not by assignment: a token spelled `__proto__` must become a key like any other.
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      merges: merges.map(([left, right]): [string, string] => [left, right]),
    },
  };
}

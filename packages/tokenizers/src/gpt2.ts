/**
 * GPT-2's own vocabulary (50,257 tokens), which `js-tiktoken` carries as ranks. The ranks are turned into
 * merges once, so that GPT-2 runs on the same encoder as the trained tokenizers. The package takes 22 MB on disk, so
 * only those who want this vocabulary install it.
 */
import { ContractError, InputError } from '@ligature/core';
import { createByteLevelTokenizer } from './bpe/byte-level.js';
import { applyMerges, MergeTable } from './bpe/merges.js';
import type { ByteExactTokenizer } from './contract.js';
import { toUtf8 } from './utf8.js';

/** As `js-tiktoken` has them. Its own type would be missing where the package is. */
export interface Ranks {
  readonly bpe_ranks: string;
  readonly special_tokens: Readonly<Record<string, number>>;
}

/**
 * Loads the vocabulary (1 MB, on first use) and builds the tokenizer. `<|endoftext|>` is bos and eos.
 *
 * @throws InputError (`tokenizer-package-missing`)
 */
export async function createGpt2Tokenizer(): Promise<ByteExactTokenizer> {
  return fromRanks(await loadRanks(() => import('js-tiktoken/ranks/gpt2')));
}

/** @throws InputError (`tokenizer-package-missing`) */
export async function loadRanks(load: () => Promise<{ readonly default: Ranks }>): Promise<Ranks> {
  try {
    return (await load()).default;
  } catch (cause) {
    throw new InputError(
      'tokenizer-package-missing',
      {
        asked: 'Use the tokenizer "gpt2"',
        found: 'the npm package js-tiktoken that carries its vocabulary is not installed',
        todo: 'Run `npm install js-tiktoken`',
      },
      { cause },
    );
  }
}

function fromRanks(ranks: Ranks): ByteExactTokenizer {
  const bytes: Uint8Array[] = [];
  for (const line of ranks.bpe_ranks.split('\n')) {
    // A line is `! <first rank> <base64> <base64> …`.
    const [, first, ...tokens] = line.split(' ');
    tokens.forEach((token, i) => (bytes[Number(first) + i] = fromBase64(token)));
  }
  const special = new Map(Object.entries(ranks.special_tokens));
  const merges = new MergeTable(bytes.length + special.size);
  const byteIds: number[] = [];
  bytes.forEach((token, id) => {
    if (token.length === 1) byteIds[token[0] as number] = id;
  });
  // A token is the merge of the two parts into which the earlier merges alone bring its bytes.
  bytes.forEach((token, id) => {
    if (token.length === 1) return;
    const parts = applyMerges(
      Array.from(token, (byte) => byteIds[byte] as number),
      merges,
    );
    if (parts.length !== 2) {
      throw new ContractError('gpt2-ranks-invalid', {
        asked: 'Read the GPT-2 vocabulary of js-tiktoken',
        found: `token ${id} is not a merge of two earlier tokens`,
        todo: 'Install js-tiktoken 1.0 again',
      });
    }
    merges.add(parts[0] as number, parts[1] as number, id);
  });
  for (const [text, id] of special) bytes[id] = toUtf8(text);
  const endOfText = special.get('<|endoftext|>') as number;
  return createByteLevelTokenizer({
    name: 'gpt2',
    vocabularySize: bytes.length,
    bytes,
    byteIds,
    merges,
    special,
    bosId: endOfText,
    eosId: endOfText,
    toJSON: () => null,
  });
}

const fromBase64 = (text: string): Uint8Array => Uint8Array.from(atob(text), (byte) => byte.charCodeAt(0));

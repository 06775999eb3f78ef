import type { Batch, ByteCache, Tokenizer } from '@ligature/core';
import type { TokenIds } from '@ligature/tasks';

/** One id per character of a given alphabet, and a count of the calls to `encode`. */
export function letterTokenizer(
  alphabet: string,
  special: { bosId?: number; eosId?: number } = {},
): Tokenizer & { calls: number } {
  const letters = [...alphabet];
  return {
    name: 'letters',
    vocabularySize: letters.length + 2,
    ...special,
    calls: 0,
    encode(text) {
      this.calls += 1;
      return Int32Array.from([...text], (letter) => letters.indexOf(letter));
    },
    decode: (ids) => Array.from(ids, (id) => letters[id] ?? '').join(''),
    toJSON: () => ({ alphabet }),
  };
}

export const range = (length: number, first = 0): number[] => Array.from({ length }, (_, i) => first + i);

/** `inputs` and `labels` of a batch, and its rows and columns. */
export function opened({ fields }: Batch) {
  const { inputs, labels } = fields as Record<'inputs' | 'labels', Batch['fields'][string]>;
  const [batch, context] = inputs.shape;
  return { inputs: inputs.data, labels: labels.data, batch, context };
}

/** A cache in memory. */
export function memoryCache(): ByteCache & { readonly entries: Map<string, Uint8Array> } {
  const entries = new Map<string, Uint8Array>();
  return {
    entries,
    read: (name) => Promise.resolve(entries.get(name)),
    write: (name, bytes) => Promise.resolve(entries.set(name, bytes.slice()) !== undefined),
  };
}

export const idsOf = (ids: TokenIds): number[] => [...ids.subarray(0, ids.length)];

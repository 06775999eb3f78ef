/** One token for each UTF-8 byte: no vocabulary to learn, nothing unknown, and bits per byte read off directly. */
import { z } from 'zod';
import type { ByteExactTokenizer } from './contract.js';
import { countBytes, joinTokens, toUtf8 } from './utf8.js';

export const byteOptionsSchema = z.strictObject({
  bos: z.boolean().default(false).describe('Have a token that opens texts (id 256)'),
  eos: z.boolean().default(false).describe('Have a token that ends texts (the id after)'),
});

/** Ids 0..255 are the bytes. Special tokens have no text: they never come out of `encode` and decode to nothing. */
export function createByteTokenizer(options: z.input<typeof byteOptionsSchema> = {}): ByteExactTokenizer {
  const { bos, eos } = byteOptionsSchema.parse(options);
  const vocabularySize = 256 + Number(bos) + Number(eos);
  const bytes = Array.from({ length: vocabularySize }, (_, id) =>
    id < 256 ? Uint8Array.of(id) : new Uint8Array(0),
  );
  const bytesOf = (id: number): Uint8Array | undefined => bytes[id];
  return {
    name: 'byte',
    vocabularySize,
    ...(bos && { bosId: 256 }),
    ...(eos && { eosId: vocabularySize - 1 }),
    encode: (text) => Int32Array.from(toUtf8(text)),
    decode: (ids) => joinTokens('byte', ids, bytesOf),
    byteLength: (ids) => countBytes('byte', ids, bytesOf),
    toJSON: () => ({ bos, eos }),
  };
}

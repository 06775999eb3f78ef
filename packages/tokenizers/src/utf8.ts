/**
 * UTF-8 as the byte-level tokenizers need it. A lone surrogate has no UTF-8 form and becomes U+FFFD on the
 * way in; bytes that are not UTF-8 (a token may end inside a character) become U+FFFD on the way out.
 */
import { ContractError } from '@ligature/core';

const encoder = new TextEncoder();
// `ignoreBOM` keeps U+FEFF at the start of a text: it is a character like any other here.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

export const toUtf8 = (text: string): Uint8Array => encoder.encode(text);

const LONE_SURROGATES = /\p{Surrogate}/gu;

export const isWellFormed = (text: string): boolean => text.search(LONE_SURROGATES) < 0;

/** The text as it comes out of UTF-8. */
export const wellFormed = (text: string): string => text.replaceAll(LONE_SURROGATES, '\ufffd');

export const fromUtf8 = (bytes: Uint8Array): string => decoder.decode(bytes);

/** Joins the bytes of `ids`. @throws ContractError (`token-id-unknown`) for an id without bytes. */
export function joinTokens(
  tokenizer: string,
  ids: ArrayLike<number>,
  bytesOf: (id: number) => Uint8Array | undefined,
): string {
  const parts = Array.from(ids, (id) => bytesOf(id) ?? unknownId(tokenizer, id));
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let end = 0;
  for (const part of parts) {
    joined.set(part, end);
    end += part.length;
  }
  return decoder.decode(joined);
}

/** Number of bytes that `ids` stand for, exact also where a character is cut between two tokens. */
export function countBytes(
  tokenizer: string,
  ids: ArrayLike<number>,
  bytesOf: (id: number) => Uint8Array | undefined,
): number {
  let bytes = 0;
  for (let i = 0; i < ids.length; i += 1) {
    const id = ids[i] as number;
    bytes += (bytesOf(id) ?? unknownId(tokenizer, id)).length;
  }
  return bytes;
}

export function unknownId(tokenizer: string, id: number): never {
  throw new ContractError('token-id-unknown', {
    asked: `Decode the token id ${id} with the tokenizer "${tokenizer}"`,
    found: 'its vocabulary has no such id',
    todo: 'Decode ids with the tokenizer that made them',
  });
}

import type { Tokenizer } from '@ligature/core';

/** A tokenizer whose every token stands for known bytes, so that bits per byte need no estimate. */
export interface ByteExactTokenizer extends Tokenizer {
  /** UTF-8 bytes of the text behind `ids`. @throws ContractError (`token-id-unknown`). */
  byteLength(ids: ArrayLike<number>): number;
}

/** What turns a piece of text into ids. */
import type { IdBuffer } from '../../id-buffer.js';

export interface Model {
  /** Number of entries of the vocabulary, from which ids of added tokens go on. */
  readonly size: number;
  idOf(token: string): number | undefined;
  /** Every id with its token. */
  tokens(): Iterable<readonly [id: number, token: string]>;
  /** Appends the ids of a piece. @throws InputError if the piece needs an unknown token and there is none */
  encode(piece: string, ids: IdBuffer): void;
}

/** Tokens that stand around texts and are none of theirs, and ids that are checked. */
import { ContractError } from '@ligature/core';
import type { Tokenizer } from '@ligature/core';

/** Tokens that are no text, and how many ids there are with them. */
export interface Framing {
  /** Opens a sequence; BERT's [CLS]. */
  readonly opening: number;
  /** Ends each text; BERT's [SEP]. */
  readonly separator: number;
  readonly vocabularySize: number;
}

/** Those of the vocabulary (`bosId`, `eosId`), or one more token behind it for each that it lacks. */
export function framingOf({ bosId, eosId, vocabularySize }: Tokenizer): Framing {
  const opening = bosId ?? vocabularySize;
  const separator = eosId ?? Math.max(vocabularySize, opening + 1);
  return { opening, separator, vocabularySize: Math.max(vocabularySize, opening + 1, separator + 1) };
}

/** @throws ContractError (`token-id-out-of-range`) when the tokenizer gives an id that its vocabulary has not */
export function encodeChecked(text: string, tokenizer: Tokenizer): Int32Array {
  const ids = tokenizer.encode(text);
  const wrong = ids.find((id) => id < 0 || id >= tokenizer.vocabularySize);
  if (wrong === undefined) return ids;
  throw new ContractError('token-id-out-of-range', {
    asked: `Encode a text with the tokenizer "${tokenizer.name}"`,
    found: `it gave the id ${wrong}, but says that its vocabulary has ${tokenizer.vocabularySize} tokens`,
    todo: 'Mend the tokenizer: ids are whole numbers from 0 to vocabularySize - 1',
  });
}

import { ContractError, type Tokenizer } from '@ligature/core';

/** @throws ContractError (`token-id-out-of-range`) when a tokenizer gave an id that its vocabulary has not */
export function assertInVocabulary(ids: Int32Array, { name, vocabularySize }: Tokenizer): void {
  const wrong = ids.find((id) => id < 0 || id >= vocabularySize);
  if (wrong === undefined) return;
  throw new ContractError('token-id-out-of-range', {
    asked: `Encode a text with the tokenizer "${name}"`,
    found: `it gave the id ${wrong}, but says that its vocabulary has ${vocabularySize} tokens`,
    todo: 'Mend the tokenizer: ids are whole numbers from 0 to vocabularySize - 1',
  });
}

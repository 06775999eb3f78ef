/** How a `tokenizer.json` is refused: always with the field that is to blame, what it holds and why that will not do. */
import { InputError } from '@ligature/core';

/** A value of a file in a message, whatever it is. */
export function shown(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? 'nothing';
  } catch {
    return 'too deep to be shown';
  }
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`;
}

/** `pre_tokenizer.pretokenizers[1].behavior` of a parent and a name or an index. */
export const fieldOf = (parent: string, name: PropertyKey): string => {
  if (typeof name === 'number') return `${parent}[${name}]`;
  return parent === '' ? String(name) : `${parent}.${String(name)}`;
};

/** A value that is no part of the format. @throws InputError (`tokenizer-json-invalid`) always. */
export function invalid(field: string, found: string, cause?: unknown): never {
  throw new InputError(
    'tokenizer-json-invalid',
    {
      asked: 'Load a tokenizer.json',
      found: field === '' ? found : `${field} ${found}`,
      todo: 'Use a tokenizer.json as the Hugging Face tokenizers library writes it (BPE, WordPiece, WordLevel or Unigram)',
    },
    { cause },
  );
}

/** A value of the format that would give other ids here. @throws InputError (`tokenizer-json-unsupported`) always. */
export function unsupported(field: string, found: string, value?: unknown, cause?: unknown): never {
  throw new InputError(
    'tokenizer-json-unsupported',
    {
      asked: 'Use a tokenizer.json',
      found: value === undefined ? `${field} ${found}` : `${field} is ${shown(value)}, and ${found}`,
      todo: `Change ${field} in the file, or use another tokenizer`,
    },
    { cause },
  );
}

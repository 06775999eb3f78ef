/** Any tokenizer that Hugging Face's JavaScript library can run, behind the contract. */
import type { Json, Tokenizer } from '@ligature/core';
import { InputError } from '@ligature/core';
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { unknownId } from '../utf8.js';
import { wrongComponent } from './components.js';
import { slowRegex } from './regex-screen.js';
import type { TokenizerJson } from './schema.js';

// The library's own type files do not resolve under NodeNext; this is the part of them used here.
interface Library {
  encode(text: string, options: { add_special_tokens: boolean }): { ids: (number | undefined)[] };
  decode(ids: number[], options: { clean_up_tokenization_spaces: boolean }): string;
  id_to_token(id: number): string | undefined;
}

export interface LibraryIdentity {
  readonly name: string;
  readonly vocabularySize: number;
  readonly bosId?: number;
  readonly eosId?: number;
  readonly toJSON: () => Json;
}

const refuse = (found: string, cause?: unknown): never => {
  throw new InputError(
    'tokenizer-json-unsupported',
    {
      asked: 'Use a tokenizer.json',
      found,
      todo: 'Use a tokenizer whose parts @huggingface/tokenizers supports and that has an unknown token',
    },
    { cause },
  );
};

const reason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** @throws InputError (`tokenizer-json-unsupported`) when the library cannot build or run it. */
export function createLibraryTokenizer(json: TokenizerJson, identity: LibraryIdentity): Tokenizer {
  const wrong = wrongComponent(json);
  if (wrong !== undefined) refuse(wrong);
  const library = build(json);
  for (const { source } of regexesIn(library)) {
    const slow = slowRegex(source);
    if (slow !== undefined) refuse(`the regular expression ${JSON.stringify(source)} may never end: ${slow}`);
  }
  return {
    ...identity,
    encode(text) {
      const { ids } = encode(library, text);
      const missing = ids.findIndex((id) => id === undefined);
      if (missing >= 0)
        refuse(`it has no token for a part of the text (token ${missing}) and no unknown token`);
      return Int32Array.from(ids as number[]);
    },
    decode(ids) {
      if (ids.length === 0) return '';
      const list = Array.from(ids);
      for (const id of list) if (library.id_to_token(id) === undefined) unknownId(identity.name, id);
      return decode(library, list);
    },
  };
}

function build(json: TokenizerJson): Library {
  try {
    // The library wants every part named, absent or not.
    const parts = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, ...json };
    return new LibraryTokenizer(parts, {}) as unknown as Library;
  } catch (error) {
    return refuse(`the library cannot build it: ${reason(error)}`, error);
  }
}

/** Every pattern that the library has made of the file, in the form in which it will run. */
function regexesIn(library: Library): Set<RegExp> {
  const { normalizer, pre_tokenizer: pre, decoder } = library as unknown as Record<string, unknown>;
  const found = new Set<RegExp>();
  // A set also visits what is added on the way. No recursion: parts of the file hang there too, of any depth.
  const values = new Set<unknown>([normalizer, pre, decoder]);
  for (const value of values) {
    if (value instanceof RegExp) found.add(value);
    else if (typeof value === 'function' || (typeof value === 'object' && value !== null)) {
      for (const child of Object.values(value)) values.add(child);
    }
  }
  return found;
}

function decode(library: Library, ids: number[]): string {
  try {
    return library.decode(ids, { clean_up_tokenization_spaces: false });
  } catch (error) {
    return refuse(`the library cannot decode with it: ${reason(error)}`, error);
  }
}

function encode(library: Library, text: string): { ids: (number | undefined)[] } {
  try {
    return library.encode(text, { add_special_tokens: false });
  } catch (error) {
    return refuse(`the library cannot encode with it: ${reason(error)}`, error);
  }
}

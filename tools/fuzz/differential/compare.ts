/** What the reader under test makes of a file and its texts, against what the native library makes of them. */
import { InputError, type Tokenizer } from '@ligature/core';
import { loadTokenizerJson } from '@ligature/tokenizers';
import { createDice } from './dice.js';
import { askOracle } from './oracle.js';
import { idsOf, numbered, type AddedToken } from './ids.js';
import type { TokenizerFile } from './random-case.js';

/** What went wrong; `kind` groups failures. */
export interface Difference {
  readonly kind: 'ids' | 'text' | 'crash' | 'unnamed' | 'random';
  readonly input: string | readonly number[];
  readonly ours: unknown;
  readonly native: unknown;
}

export interface Comparison {
  /** Texts and id sequences that the native library takes. */
  readonly pairs: number;
  /** Of them, those that ours refused. */
  readonly refused: number;
  /** Why the file itself was refused. */
  readonly reason?: string;
  readonly difference?: Difference;
}

/** A refusal that says which field it is about can be acted upon. */
const FIELD =
  /\b(model|vocab|merges|normalizer|pre_tokenizer|post_processor|decoder|added_tokens|truncation|padding|version)\b/;

/** An answer, or the error in its place. */
type Answer<T> = { readonly value: T } | { readonly error: unknown };

function answer<T>(ask: () => T): Answer<T> {
  try {
    return { value: ask() };
  } catch (error) {
    return { error };
  }
}

/** @returns a difference if the error is no refusal that names a field */
function wrongRefusal(error: unknown, input: Difference['input'], native: unknown): Difference | undefined {
  if (!(error instanceof InputError)) {
    const stack = error instanceof Error ? error.stack : undefined;
    return { kind: 'crash', input, ours: stack?.split('\n').slice(0, 4).join('\n') ?? String(error), native };
  }
  return FIELD.test(error.message) ? undefined : { kind: 'unnamed', input, ours: error.message, native };
}

/** What the native library says. */
export interface Expected {
  readonly encoded: readonly { readonly text: string; readonly ids: readonly number[] }[];
  readonly decoded: readonly { readonly ids: readonly number[]; readonly text: string }[];
}

/** @returns nothing when the native library refuses the file; texts that it refuses are left out */
export async function expect(file: TokenizerFile, texts: readonly string[]): Promise<Expected | undefined> {
  const first = await askOracle(file, texts);
  if (!first) return undefined;
  const encoded = first.encoded.flatMap((ids, at) => (ids ? [{ text: texts[at] as string, ids }] : []));
  const lists = encoded.map(({ ids }) => ids);
  const decoded = await expectTexts(file, [
    ...lists,
    ...shuffledIds(lists.flat()),
    ...shuffledIds(allIds(file)),
  ]);
  return decoded && { encoded, decoded };
}

/** The texts of lists of ids. */
export async function expectTexts(
  file: TokenizerFile,
  lists: readonly (readonly number[])[],
): Promise<Expected['decoded'] | undefined> {
  const answers = await askOracle(file, [], lists);
  return answers?.decoded.flatMap((text, at) =>
    text === null ? [] : [{ ids: lists[at] as number[], text }],
  );
}

/** All that the file gives, in the vocabulary and added to it. */
function allIds(file: TokenizerFile): number[] {
  const model = file['model'] as Record<string, unknown>;
  const added = Array.isArray(file['added_tokens']) ? (file['added_tokens'] as AddedToken[]) : [];
  return [...idsOf(model).values(), ...numbered(added, model).map(({ id }) => id)];
}

/** Sequences that no encoder gives: decoders meet their tokens in any order. */
function shuffledIds(ids: readonly number[]): number[][] {
  if (ids.length === 0) return [];
  const dice = createDice(ids.length, 'decode');
  return dice.list(5, 5, () => dice.list(1, 12, () => dice.pick(ids)));
}

/** The reader under test. */
export type Load = (file: TokenizerFile) => Tokenizer;
const ours: Load = (file) => loadTokenizerJson(file);

export function compare(file: TokenizerFile, { encoded, decoded }: Expected, load: Load = ours): Comparison {
  const pairs = encoded.length;
  const loaded = answer(() => load(JSON.parse(JSON.stringify(file)) as TokenizerFile));
  if ('error' in loaded) {
    const difference = wrongRefusal(loaded.error, '', 'takes the file');
    const reason = loaded.error instanceof Error ? loaded.error.message : String(loaded.error);
    return { pairs, refused: pairs, reason, ...(difference && { difference }) };
  }
  const { dropout } = file['model'] as { dropout?: number | null };
  if (dropout && dropout < 1) {
    return {
      pairs,
      refused: 0,
      difference: { kind: 'random', input: '', ours: 'takes the file', native: 'drops merges at random' },
    };
  }
  return compareTexts(loaded.value, encoded, decoded);
}

function compareTexts(
  tokenizer: Tokenizer,
  encoded: Expected['encoded'],
  decoded: Expected['decoded'],
): Comparison {
  const pairs = encoded.length;
  let refused = 0;
  for (const { text, ids } of encoded) {
    const ours = answer(() => Array.from(tokenizer.encode(text)));
    if ('error' in ours) {
      refused += 1;
      const difference = wrongRefusal(ours.error, text, ids);
      if (difference) return { pairs, refused, difference };
    } else if (ours.value.join() !== ids.join()) {
      return { pairs, refused, difference: { kind: 'ids', input: text, ours: ours.value, native: ids } };
    }
  }
  for (const { ids, text } of decoded) {
    const ours = answer(() => tokenizer.decode(Int32Array.from(ids)));
    if ('error' in ours) {
      const difference = wrongRefusal(ours.error, ids, text);
      if (difference) return { pairs, refused, difference };
    } else if (ours.value !== text) {
      return { pairs, refused, difference: { kind: 'text', input: ids, ours: ours.value, native: text } };
    }
  }
  return { pairs, refused };
}

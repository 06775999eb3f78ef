/**
 * Added tokens: those a file lists beside its model. They are found in a text before it is cut any further, those
 * that are not `normalized` in the text as it is, the others in what the normalizer makes of it.
 */
import { z } from 'zod';
import type { Model } from './models/model.js';
import { idSchema } from './models/vocabulary.js';
import { isWellFormed } from '../utf8.js';
import { invalid, unsupported } from './refuse.js';
import { emitPart, type Emit, type Normalizer, type Section } from './section.js';
import { ENDS_WITH_WORD, isSpace, STARTS_WITH_WORD } from './unicode/classes.js';
import { TextTrie } from '../text-trie.js';

const flag = z.boolean().default(false);

export const addedTokenSchema = z
  .looseObject({
    id: idSchema,
    content: z.string().max(1000),
    single_word: flag,
    lstrip: flag,
    rstrip: flag,
    normalized: z.boolean().optional(),
    special: flag,
  })
  // The library's own default for tokens that it is told to add.
  .transform((token) => ({ ...token, normalized: token.normalized ?? !token.special }));

export type AddedToken = z.output<typeof addedTokenSchema>;

export interface AddedTokens {
  /** Ids of the tokens: those that the model has for them, or else new ones after its own; not those of the file. */
  readonly ids: ReadonlyMap<string, number>;
  readonly byId: ReadonlyMap<number, AddedToken>;
  /** Finds them in a text and hands on what lies between, normalized. */
  split(text: string, normalize: Normalizer | undefined, emit: Emit, found: (id: number) => void): void;
}

/** @throws InputError that names the token */
export function addTokens(
  tokens: readonly AddedToken[],
  model: Model,
  normalize: Normalizer | undefined,
): AddedTokens {
  const { ids, byId } = assignIds(tokens, model);
  const asIs = new TextTrie();
  const inNormalized = new TextTrie();
  for (const [index, token] of patternsOf(tokens)) {
    const id = ids.get(token.content) as number;
    if (!token.normalized) {
      asIs.add(token.content, id);
      continue;
    }
    const { text } = normalize?.({ text: token.content, head: 1 }) ?? { text: token.content };
    if (text === '') {
      unsupported(`added_tokens[${index}].normalized`, 'the normalizer leaves nothing of the token', true);
    }
    inNormalized.add(text, id);
  }
  return {
    ids,
    byId,
    split(text, normalizer, emit, found) {
      const whole: Section = { text, head: (text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1 };
      splitAt(whole, asIs, byId, found, (part) => {
        const section = normalizer ? normalizer(part) : part;
        if (section.text !== '') splitAt(section, inNormalized, byId, found, emit);
      });
    },
  };
}

function assignIds(tokens: readonly AddedToken[], model: Model) {
  const ids = new Map<string, number>();
  const byId = new Map<number, AddedToken>();
  const seen = new Set<string>();
  let nextId = model.size;
  for (const [index, token] of tokens.entries()) {
    const { content } = token;
    // The library passes over it.
    if (content === '') continue;
    if (!isWellFormed(content)) invalid(`added_tokens[${index}].content`, 'has half of a surrogate pair');
    // The same token twice is one; with other flags, it is the one that comes later.
    const key = JSON.stringify([
      content,
      token.single_word,
      token.lstrip,
      token.rstrip,
      token.normalized,
      token.special,
    ]);
    if (seen.has(key)) continue;
    seen.add(key);
    const id = ids.get(content) ?? model.idOf(content) ?? nextId++;
    ids.set(content, id);
    byId.set(id, token);
  }
  return { ids, byId };
}

/** The tokens that are looked for: special ones by the first entry of each, others by every one. */
function patternsOf(tokens: readonly AddedToken[]): (readonly [number, AddedToken])[] {
  const special = new Map<string, readonly [number, AddedToken]>();
  for (const [index, token] of tokens.entries()) {
    if (token.special && !special.has(token.content)) special.set(token.content, [index, token]);
  }
  const others = [...tokens.entries()].filter(([, { content }]) => !special.has(content));
  return [...special.values(), ...others].filter(([, { content }]) => content !== '');
}

/** Flags of the token decide, after the longest at a place is found, whether it counts and how far it reaches. */
function splitAt(
  section: Section,
  trie: TextTrie,
  byId: ReadonlyMap<number, AddedToken>,
  found: (id: number) => void,
  emit: Emit,
): void {
  const { text } = section;
  let done = 0;
  for (const match of trie.matches(text)) {
    let { start, end } = match;
    const token = byId.get(match.id) as AddedToken;
    if (token.single_word) {
      const before = start > 0 && ENDS_WITH_WORD.test(text.slice(Math.max(0, start - 2), start));
      const after = end < text.length && STARTS_WITH_WORD.test(text.slice(end, end + 2));
      if (before || after) continue;
    }
    if (token.lstrip) {
      while (start > 0 && isSpace(text.charAt(start - 1))) start -= 1;
      start = Math.max(start, done);
    }
    if (token.rstrip) while (end < text.length && isSpace(text.charAt(end))) end += 1;
    emitPart(section, done, start, emit);
    if (start < end) found(match.id);
    // An earlier token may have taken the spaces in which this one lies; the library then goes back, too.
    done = end;
  }
  emitPart(section, done, text.length, emit);
}

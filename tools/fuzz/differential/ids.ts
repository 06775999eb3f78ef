/** The ids of a file, as the native library gives them. */

type Model = Readonly<Record<string, unknown>>;

export interface AddedToken {
  id: number;
  content: string;
  [flag: string]: unknown;
}

/** Added tokens have the id that they have in the vocabulary, or the next after all others. */
export function numbered(tokens: readonly AddedToken[], model: Model): AddedToken[] {
  const ids = idsOf(model);
  const size = ids.size;
  let largest = -1;
  return tokens.map((token) => {
    // An empty one is passed over.
    if (token.content === '') return { ...token, id: 0 };
    const id = ids.get(token.content) ?? Math.max(size, largest + 1);
    ids.set(token.content, id);
    largest = Math.max(largest, id);
    return { ...token, id };
  });
}

/** The ids of the model's tokens. */
export function idsOf({ vocab }: Model): Map<string, number> {
  if (Array.isArray(vocab)) return new Map((vocab as [string, number][]).map(([token], id) => [token, id]));
  return new Map(Object.entries((vocab ?? {}) as Record<string, number>));
}

/** Whether one text is in another: passages of it, taken at even distances, are looked for. */

/** Long enough that it does not occur twice by chance or as a heading. */
const PASSAGE = 200;
const MOST_PASSAGES = 40;
/** Texts quote themselves; a split that is in another one does so throughout. */
const TOLERATED = 0.1;

export interface Overlap {
  readonly shared: number;
  readonly looked: number;
  readonly passage: string;
}

export function overlap(text: string, other: string): Overlap | undefined {
  const length = Math.min(PASSAGE, text.length);
  const count = Math.min(MOST_PASSAGES, Math.max(1, Math.floor(text.length / length)));
  const stride = (text.length - length) / Math.max(1, count - 1);
  const passages = Array.from({ length: count }, (_, at) => {
    const start = Math.floor(at * stride);
    return text.slice(start, start + length);
  });
  const shared = passages.filter((passage) => other.includes(passage));
  const [passage] = shared;
  if (passage === undefined || shared.length <= TOLERATED * count) return undefined;
  return { shared: shared.length, looked: count, passage };
}

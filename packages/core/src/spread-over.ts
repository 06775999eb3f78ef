/**
 * `count` of the places 0 to `of` - 1, evenly over all of them: the middle of each of `count` equal parts. In order, each
 * once; all of them where `count` is no less than `of`.
 */
export function spreadOver(count: number, of: number): number[] {
  if (count >= of) return Array.from({ length: of }, (_, place) => place);
  return Array.from({ length: count }, (_, part) => Math.floor(((part + 0.5) * of) / count));
}

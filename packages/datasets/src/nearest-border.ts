/**
 * The end of the best kind of border in a text, of several of its kind the one nearest to a place.
 *
 * @param borders kinds of borders, best first
 * @param target a place in the text
 * @returns nothing where it has none
 */
export function nearestBorder(text: string, borders: readonly RegExp[], target: number): number | undefined {
  for (const border of borders) {
    let nearest: number | undefined;
    for (const match of text.matchAll(border)) {
      const end = match.index + match[0].length;
      if (nearest === undefined || Math.abs(end - target) < Math.abs(nearest - target)) nearest = end;
    }
    if (nearest !== undefined) return nearest;
  }
  return undefined;
}

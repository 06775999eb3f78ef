import { closest, distance } from 'fastest-levenshtein';
import { InputError } from '../errors.js';

/** The known name nearest to what was written, if it is near enough to be a typing mistake. */
export function nearestName(written: string, known: readonly string[]): string | undefined {
  if (known.length === 0) return undefined;
  const nearest = closest(written, [...known]);
  return distance(written, nearest) <= Math.max(2, Math.floor(nearest.length / 3)) ? nearest : undefined;
}

/** The error for a name that nobody knows. @param what `controller`, `dataset`, … */
export function unknownName(
  what: string,
  written: string,
  known: readonly string[],
  hint?: string,
): InputError {
  const nearest = nearestName(written, known);
  const todo = nearest
    ? `Did you mean "${nearest}"?${hint ? ` Otherwise ${hint}` : ''}`
    : `Use one of the known names${hint ? `, or ${hint}` : ''}`;
  return new InputError(`unknown-${what.replaceAll(' ', '-')}`, {
    asked: `Use the ${what} "${written}"`,
    found: `there is no ${what} of that name; known: ${[...known].sort().join(', ') || 'none'}`,
    todo,
  });
}

/** Which parameters never change: those that the model declares so, and those that patterns name. */
import { InputError, namePattern, nearestName, type ParameterSpec } from '@ligature/core';

/**
 * Full names of all that is frozen.
 *
 * @param specs every parameter of the untied stack by full name
 * @throws InputError (`freeze-unmatched`) for a pattern that matches no parameter
 */
export function frozenNames(
  specs: ReadonlyMap<string, ParameterSpec>,
  patterns: readonly string[],
): ReadonlySet<string> {
  const names = [...specs.keys()];
  const declared = names.filter((name) => specs.get(name)?.trainable === false);
  const named = patterns.flatMap((pattern) => {
    const matched = names.filter(namePattern(pattern));
    if (matched.length === 0) throw unmatched(pattern, names);
    return matched;
  });
  return new Set([...declared, ...named]);
}

function unmatched(pattern: string, names: readonly string[]): InputError {
  const nearest = nearestName(pattern, names);
  return new InputError('freeze-unmatched', {
    asked: `Freeze "${pattern}"`,
    found: 'no parameter of the model has such a name',
    todo: nearest
      ? `Did you mean "${nearest}"? Names are full ones, * stands for any part`
      : `Give full names, * for any part; the model has ${examples(names).join(', ')}`,
  });
}

/** The globals and the first layer are enough to see how names are made. */
const MOST_EXAMPLES = 20;

const examples = (names: readonly string[]): string[] =>
  names.length > MOST_EXAMPLES ? [...names.slice(0, MOST_EXAMPLES), '…'] : [...names];

/** Every published sharing scheme that is a pure map, as data. Needs no tensors. */
import { describeIssues, InputError, unknownName, type TieMap } from '@ligature/core';
import { fold, halfCycle, pairs } from './ablations.js';
import { preludeCoreCoda } from './partial-loop.js';
import { albertGroups, allTied, immediate, list, none, sandwich, shareAllButLast } from './published.js';
import { middleCycle, middleSequence, recursiveCycle, recursiveSequence } from './recursive.js';
import type { Scheme } from './scheme.js';
import { cycle, cycleReversed, sequence } from './takase.js';

export { defaultBlocks, defineScheme, type Scheme } from './scheme.js';
export {
  albertGroups,
  allTied,
  cycle,
  cycleReversed,
  fold,
  halfCycle,
  immediate,
  list,
  middleCycle,
  middleSequence,
  none,
  pairs,
  preludeCoreCoda,
  recursiveCycle,
  recursiveSequence,
  sandwich,
  sequence,
  shareAllButLast,
};

/** All of them; their names are unique. */
export const SCHEMES: readonly Scheme[] = [
  none,
  allTied,
  albertGroups,
  sequence,
  cycle,
  cycleReversed,
  sandwich,
  shareAllButLast,
  immediate,
  recursiveCycle,
  recursiveSequence,
  middleCycle,
  middleSequence,
  preludeCoreCoda,
  fold,
  pairs,
  halfCycle,
  list,
];

/** @throws InputError (`unknown-scheme`) listing the known names */
export function schemeOf(name: string): Scheme {
  const found = SCHEMES.find((scheme) => scheme.name === name);
  if (!found)
    throw unknownName(
      'scheme',
      name,
      SCHEMES.map((scheme) => scheme.name),
    );
  return found;
}

/**
 * The canonical tie map of a scheme by name.
 *
 * @param options checked against the scheme's schema; its defaults fill the rest
 * @throws InputError (`unknown-scheme`, `scheme-options-invalid`, `scheme-impossible`)
 */
export function schemeMap(name: string, layers: number, options: unknown = {}): TieMap {
  const scheme = schemeOf(name);
  const parsed = scheme.options.safeParse(options);
  if (!parsed.success) {
    throw new InputError('scheme-options-invalid', {
      asked: `Use the scheme "${name}" with ${JSON.stringify(options)}`,
      found: describeIssues(parsed.error),
      todo: 'See the options of the scheme',
    });
  }
  if (!Number.isSafeInteger(layers) || layers < 1) {
    throw new InputError('scheme-impossible', {
      asked: `Share ${layers} layers by the scheme "${name}"`,
      found: 'that is no number of layers',
      todo: 'Use one layer or more',
    });
  }
  return scheme.map(layers, parsed.data);
}

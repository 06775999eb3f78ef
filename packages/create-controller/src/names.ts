/** The name that a person gives: of an npm package, and of the controller in it. */
import { InputError } from '@ligature/core';
import validate from 'validate-npm-package-name';

export interface PackageName {
  /** As npm knows it: `my-controller` or `@me/my-controller`. */
  readonly npm: string;
  /** Without the scope: the name of the folder, and the controller's in `--controllers`. */
  readonly controller: string;
}

/** Controllers that `ligature` has itself; two of one name cannot be told apart. A test keeps the list complete. */
export const TAKEN_NAMES: readonly string[] = [
  ...[
    'albert-groups',
    'all-tied',
    'annealing',
    'bandit',
    'cycle',
    'cycle-reversed',
    'fold',
    'gradient-conflict',
    'half-cycle',
    'halving',
    'immediate',
    'linear-thompson',
    'list',
    'loss-probed',
    'map',
  ],
  ...[
    'middle-cycle',
    'middle-sequence',
    'none',
    'pairs',
    'prelude-core-coda',
    'q-learning',
    'q-learning-official',
    'random',
  ],
  ...['random-adjacent-merging', 'random-merging'],
  ...[
    'recursive-cycle',
    'recursive-sequence',
    'sandwich',
    'sequence',
    'share-all-but-last',
    'similarity',
    'yoked',
  ],
];

/** @throws InputError (`package-name-invalid`, `controller-name-taken`) */
export function parsePackageName(name: string): PackageName {
  const { validForNewPackages, errors = [], warnings = [] } = validate(name);
  const asked = `Make a package named "${name}"`;
  if (!validForNewPackages) {
    throw new InputError('package-name-invalid', {
      asked,
      found: [...errors, ...warnings].join('; '),
      todo: 'Give a name that npm accepts: lower-case letters, digits and dashes, such as my-controller or @me/my-controller',
    });
  }
  const controller = name.replace(/^@[^/]*\//, '');
  if (/^\d+(-\d+)*$/.test(controller)) {
    throw new InputError('package-name-invalid', {
      asked,
      found: `\`--controllers ${controller}\` would be read as a literal tie map`,
      todo: 'Give it a name with a letter in it',
    });
  }
  if (TAKEN_NAMES.includes(controller)) {
    throw new InputError('controller-name-taken', {
      asked,
      found: `Ligature has a controller "${controller}" of its own, and would refuse a second one`,
      todo: 'Give it another name',
    });
  }
  return { npm: name, controller };
}

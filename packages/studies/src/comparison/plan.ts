/** Which runs a comparison consists of. */
import { InputError, type PlannedTrial, type RunConfig } from '@ligature/core';
import { controllerLabel } from '@ligature/run';
import { trialIds } from '../conduct/trial-id.js';
import { assertSeeds, seedsOf } from '../seeds.js';

/** Every controller with every seed; seed by seed, so that an early stop leaves whole comparisons behind. */
export function planTrials(config: RunConfig): PlannedTrial[] {
  const labels = config.compare.controllers.map(controllerLabel);
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  if (twice !== undefined) {
    throw new InputError('controller-twice', {
      asked: `Compare ${labels.join(', ')}`,
      found: `"${twice}" is listed twice`,
      todo: 'List each controller once, or give the two different options',
    });
  }
  const seeds = seedsOf(config);
  assertSeeds('Compare', seeds);
  controlOf(config);
  const idOf = trialIds(labels);
  return seeds.flatMap((seed) =>
    config.compare.controllers.map((controller) => {
      const label = controllerLabel(controller);
      return { id: idOf(label, seed), label, seed, config: { ...config, controller, seed } };
    }),
  );
}

/**
 * The label of the controller that the others are set against: the one asked for, else `none`, else the first.
 *
 * @throws InputError (`control-missing`) when the one asked for is not compared
 */
export function controlOf({ compare: { control, controllers } }: RunConfig): string {
  const labels = controllers.map(controllerLabel);
  if (control === null) return labels.includes('none') ? 'none' : (labels[0] as string);
  const label = controllerLabel(control);
  if (labels.includes(label)) return label;
  throw new InputError('control-missing', {
    asked: `Set the others against ${label}`,
    found: `it is not among the controllers to compare: ${labels.join(', ')}`,
    todo: 'Add it to --controllers, or name one of them with --control',
  });
}

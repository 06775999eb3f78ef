/** Which runs a comparison consists of. */
import { InputError, type Choice, type RunConfig } from '@ligature/core';
import { controllerLabel, folderLabel } from '@ligature/run';

export interface TrialPlan {
  readonly controller: Choice;
  readonly label: string;
  readonly seed: number;
  /** The comparison's configuration with this controller and this seed: all that the trial depends on. */
  readonly config: RunConfig;
  readonly folderName: string;
  /** A run folder whose newest checkpoint gives the first weights and moments; left out: they are initialized. */
  readonly from?: string;
}

/** The seeds of a comparison: a list, or a number of them counted up from the run's seed. */
export function seedsOf(config: RunConfig): number[] {
  const { seeds } = config.compare;
  return typeof seeds === 'number' ? Array.from({ length: seeds }, (_, index) => config.seed + index) : seeds;
}

/** Every controller with every seed; seed by seed, so that an early stop leaves whole comparisons behind. */
export function planTrials(config: RunConfig): TrialPlan[] {
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
  const repeated = seeds.find((seed, index) => seeds.indexOf(seed) !== index);
  if (repeated !== undefined) {
    throw new InputError('seed-twice', {
      asked: `Compare with the seeds ${seeds.join(', ')}`,
      found: `${repeated} is listed twice, and equal seeds give equal runs`,
      todo: 'List each seed once',
    });
  }
  controlOf(config);
  return seeds.flatMap((seed) =>
    config.compare.controllers.map((controller) => ({
      controller,
      label: controllerLabel(controller),
      seed,
      config: { ...config, controller, seed },
      folderName: `${folderLabel(controller)}-seed-${seed}`,
    })),
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

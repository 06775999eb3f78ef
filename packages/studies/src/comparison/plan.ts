/** Which runs a comparison consists of. */
import { InputError, type Choice, type PlannedTrial, type RunConfig } from '@ligature/core';
import { controllerLabel } from '@ligature/run';
import { trialIds } from '../conduct/trial-id.js';
import { assertSeeds, seedsOf } from '../seeds.js';

/**
 * Every controller with every dataset and seed; seed by seed, so that an early stop leaves whole comparisons behind.
 *
 * @throws InputError (`controller-twice`, `dataset-twice`, `seed-twice`, `control-missing`)
 */
export function planTrials(config: RunConfig): PlannedTrial[] {
  const { controllers } = config.compare;
  const labels = controllers.map(controllerLabel);
  refuseTwice('controller', labels, 'List each controller once, or give the two different options');
  const seeds = seedsOf(config);
  assertSeeds('Compare', seeds);
  controlOf(config);
  const texts = textsOf(config);
  const labelOf = (controller: Choice, text: ComparedText): string =>
    text.label === null ? controllerLabel(controller) : `${controllerLabel(controller)} on ${text.label}`;
  const idOf = trialIds(texts.flatMap((text) => controllers.map((controller) => labelOf(controller, text))));
  // What was meant to be shown is no part of what a trial depends on.
  const { plan: _, ...rest } = config;
  return seeds.flatMap((seed) =>
    texts.flatMap((text) =>
      controllers.map((controller) => {
        const label = labelOf(controller, text);
        const own = { ...rest, dataset: text.dataset, controller, seed };
        return { id: idOf(label, seed), label, seed, config: own };
      }),
    ),
  );
}

/** A dataset of a comparison; without a label where there is no other one to tell it from. */
export interface ComparedText {
  readonly label: string | null;
  readonly dataset: Choice | null;
}

/** @throws InputError (`dataset-twice`) */
export function textsOf({ compare, dataset }: Pick<RunConfig, 'compare' | 'dataset'>): ComparedText[] {
  const { datasets } = compare;
  if (datasets === null) return [{ label: null, dataset }];
  const whole = datasets.map(controllerLabel);
  refuseTwice('dataset', whole, 'List each dataset once, or give the two different options');
  if (datasets.length === 1) return [{ label: null, dataset: datasets[0] as Choice }];
  const short = datasets.map(({ name, options }) => controllerLabel({ name: shortName(name), options }));
  // Files of one name in two folders are told apart by their paths.
  const labels = new Set(short).size === short.length ? short : whole;
  return datasets.map((one, index) => ({ label: labels[index] as string, dataset: one }));
}

/** `wikitext-2` of `./data/wikitext-2.txt`. */
const shortName = (name: string): string =>
  /[\\/]/.test(name)
    ? (name.split(/[\\/]/).filter(Boolean).at(-1) ?? name).replace(/\.[A-Za-z0-9]+$/, '')
    : name;

function refuseTwice(what: string, labels: readonly string[], todo: string): void {
  const twice = labels.find((label, index) => labels.indexOf(label) !== index);
  if (twice === undefined) return;
  throw new InputError(`${what}-twice`, {
    asked: `Compare ${labels.join(', ')}`,
    found: `"${twice}" is listed twice`,
    todo,
  });
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

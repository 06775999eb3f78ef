/** What can be wrong with a controller that wants something measured. */
import type { CheckControllerOptions } from '@ligature/testing';
import { violator } from './controllers.js';
import type { Violator } from './violators.js';

export const measuringViolators: readonly Violator<CheckControllerOptions>[] = [
  violator(
    'measurement-known',
    'asks for a measurement of its own',
    /wants gave "attention-entropy"/,
    () => ({
      wants: () => 'attention-entropy' as never,
    }),
  ),
  violator(
    'inputs-untouched',
    'asks for a measurement and takes ones off its diagonal',
    /changed the observation: similarity/,
    ({ good }) => ({
      wants: () => 'weight-cosine',
      decide(observation, random) {
        observation.similarity?.matrix.forEach((row, layer) => ((row as number[])[layer] = 0));
        return good.decide!(observation, random);
      },
    }),
  ),
  violator('plays-through', 'takes what it asked for as given', /TypeError.*matrix/, ({ good }) => ({
    wants: () => 'hidden-cka',
    decide(observation, random) {
      observation.similarity!.matrix.at(0);
      return good.decide!(observation, random);
    },
  })),
];

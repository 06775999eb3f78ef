/** What can be wrong with a controller that wants something measured. */
import type { Similarity } from '@ligature/core';
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
    'measurement-known',
    'asks what a tie of blocks costs that there are not',
    /no two blocks of/,
    () => ({
      wants: () => ({ measure: 'tie-cost', pairs: [{ first: 1, second: 1 }] }),
    }),
  ),
  violator(
    'inputs-untouched',
    'asks for a measurement and takes ones off its diagonal',
    /changed the observation: measured/,
    ({ good }) => ({
      wants: () => 'weight-cosine',
      decide(observation, random) {
        const { measured } = observation;
        if (measured?.kind !== 'weight-cosine') return good.decide!(observation, random);
        measured.matrix.forEach((row, layer) => ((row as number[])[layer] = 0));
        return good.decide!(observation, random);
      },
    }),
  ),
  violator('plays-through', 'takes what it asked for as given', /TypeError.*matrix/, ({ good }) => ({
    wants: () => 'hidden-cka',
    decide(observation, random) {
      (observation.measured as Similarity).matrix.at(0);
      return good.decide!(observation, random);
    },
  })),
];

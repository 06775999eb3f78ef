import type { StudyFlag } from '@ligature/core';

/** What common flags mean to most studies. */
export const SEEDS = 'a number of seeds, or seeds between commas';
export const PARALLEL = 'trials side by side, or auto: as many as fit';
export const MARGIN: StudyFlag = {
  flags: '--margin <x>',
  description: 'what counts as no difference, named before: 0.01',
  read: 'number',
  sets: { config: ['compare', 'margin'] },
  todo: 'Give a number above zero, in units of the first metric: --margin 0.01',
};
export const DECIDES = 'who decides which layers are tied';

import type { MisplacedFlag, StudyFlag } from '@ligature/core';

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
export const PLAN: StudyFlag = {
  flags: '--plan <file>',
  description: 'a configuration that says before what is to be shown',
  read: 'text',
  sets: { plan: true },
};
export const DECIDES = 'who decides which layers are tied';

/** Of studies that begin at a run, whose configuration is the run's: what may be other than there. */
export const OF_A_RUN: readonly StudyFlag[] = [
  {
    flags: '--parallel <n>',
    description: PARALLEL,
    read: 'parallel',
    sets: { config: ['compare', 'parallel'] },
  },
  {
    flags: '--backend <name>',
    description: 'another backend than the one on which it began',
    read: 'choice',
    sets: { config: ['backend'] },
  },
  {
    flags: '--threads <n>',
    description: 'threads of a backend that can be told',
    read: 'number',
    sets: { config: ['threads'] },
  },
];
export const CONFIGURED_BY_RUN: MisplacedFlag = {
  found: 'its configuration is that of the run',
  todo: 'Leave out {flag}',
};

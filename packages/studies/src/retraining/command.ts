import type { StudyCommand } from '@ligature/core';
import { CONFIGURED_BY_RUN, MARGIN, OF_A_RUN } from '../commands/common.js';

export const retrainingCommand: StudyCommand = {
  words: 'retrain',
  description: "train runs' final tie maps from scratch, beside random ones",
  argument: {
    name: 'run',
    description: 'folder of a run, finished or stopped; several; or of a comparison',
    setting: 'runs',
    several: true,
  },
  configured: false,
  help: `What is trained, on every seed, with the configuration and budget of the run:
  found         its final map, fixed from the first step on
  random …      fixed maps with as many blocks, drawn at random
  continued     the run's model with its optimizer, map frozen, one budget more
  found-long    the final map for as many steps as continued has had in all

Several runs of one controller, with seeds that differ, are retrained together.
--seeds is then a number of seeds for each, none shared. What is tested over are
the runs: seeds of one run share its map and history, and count as one number.`,
  examples: [
    'ligature retrain runs/moby-dick-q-learning-seed-1',
    'ligature retrain runs/moby-dick-q-learning-seed-1 --seeds 5 --random-maps 5',
    'ligature retrain runs/a-seed-1 runs/a-seed-2 runs/a-seed-3 runs/a-seed-4',
    'ligature retrain runs/compare-moby-dick --controller q-learning --seeds 2',
    'ligature resume runs/retrain-moby-dick-q-learning-seed-1',
  ],
  flags: [
    {
      flags: '--seeds <list>',
      description: "a number of seeds from the run's on, or seeds between commas (3)",
      read: 'seeds',
      sets: { config: ['compare', 'seeds'] },
    },
    {
      flags: '--controller <name>',
      description: 'of a comparison: whose runs are retrained, all seeds',
      read: 'text',
      sets: { setting: 'controller' },
    },
    MARGIN,
    {
      flags: '--random-maps <n>',
      description: 'other maps with as many blocks (3)',
      read: 'number',
      sets: { setting: 'randomMaps' },
    },
    {
      flags: '--no-long',
      description: 'do not train the map from scratch for both budgets',
      read: 'switch',
      sets: { setting: 'long' },
    },
    ...OF_A_RUN,
  ],
  common: {},
  misplaced: {
    verb: 'Retrain a tie map',
    ...CONFIGURED_BY_RUN,
  },
};

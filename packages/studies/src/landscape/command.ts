import type { StudyCommand } from '@ligature/core';
import { MARGIN, PARALLEL, SEEDS } from '../commands/common.js';

export const landscapeCommand: StudyCommand = {
  words: 'landscape',
  description: 'train every tie map of a small stack, and rank them',
  group: 'Landscape',
  configured: true,
  help: `Maps:
  Every canonical map of the stack is trained, fixed from the first step on:
  15 of 4 layers (the default), 52 of 5, 203 of 6, 877 of 7. --blocks keeps
  those with certain numbers of blocks, --max-maps draws a sample. More than
  1500 trials are refused unless you say --yes.
  --controllers are trained on the same seeds and budget; their regret is what
  they give away against the best fixed maps.`,
  examples: [
    'ligature landscape --seeds 5',
    'ligature landscape --layers 6 --seeds 3 --steps 150 --parallel auto',
    'ligature landscape --seeds 5 --controllers q-learning,random',
    'ligature landscape --layers 8 --blocks 4 --max-maps 100 --seeds 3',
  ],
  flags: [
    MARGIN,
    {
      flags: '--controllers <list>',
      description: 'controllers to train beside the maps, between commas',
      read: 'controllers',
      sets: { setting: 'controllers' },
    },
    {
      flags: '--blocks <list>',
      description: 'only maps with so many blocks: 2 or 2,4 or 2-4',
      read: 'numbers',
      sets: { setting: 'blocks' },
      todo: 'Give whole numbers, such as 2,3 or 2-4',
    },
    {
      flags: '--max-maps <n>',
      description: 'a uniform sample of so many maps where there are more',
      read: 'number',
      sets: { setting: 'maxMaps' },
      todo: 'Give a whole number from 2 on',
    },
    {
      flags: '--keep-models',
      description: 'keep the checkpoints of finished trials',
      read: 'switch',
      sets: { setting: 'keepModels' },
    },
    {
      flags: '--yes',
      description: 'train however many trials there are',
      read: 'switch',
      sets: { setting: 'yes' },
    },
  ],
  common: { seeds: SEEDS, parallel: PARALLEL },
  misplaced: {
    verb: 'Train a landscape',
    found: 'its trials are the tie maps of the stack, set against the best of them',
    todo: 'Leave out {flag}; --controllers trains controllers beside the maps',
  },
};

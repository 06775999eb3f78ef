import type { StudyCommand } from '@ligature/core';
import { CONFIGURED_BY_RUN, OF_A_RUN } from '../commands/common.js';

export const forkedHalvingCommand: StudyCommand = {
  words: 'forked-halving',
  description: 'fork an untied run into tie maps, and halve them round by round',
  argument: { name: 'run', description: 'folder of an untied run, finished or stopped', setting: 'run' },
  configured: false,
  help: `From the newest checkpoint of the run, weights and optimizer, one model is
forked for each of several contiguous maps. All have the same batches. After
each rung the half with the better validation goes on, until one is left. The
run should be warm and untied: ligature train --controller none --steps 400.
--all trains every map to the end, and says how much of that the short rungs
knew, and what halving would have given away.`,
  examples: [
    'ligature forked-halving runs/moby-dick-none-seed-1 --blocks 4',
    'ligature forked-halving runs/moby-dick-none-seed-1 --blocks 4 --maps 16 --rungs 50,100,200,400',
    'ligature forked-halving runs/moby-dick-none-seed-1 --blocks 4 --all',
    'ligature resume runs/forked-halving-moby-dick-none-seed-1',
  ],
  flags: [
    {
      flags: '--blocks <n>',
      description: 'blocks of every map (as many as random actions leave)',
      read: 'number',
      sets: { setting: 'blocks' },
      todo: 'Give a whole number from 1 to the number of layers',
    },
    {
      flags: '--maps <n>',
      description: 'maps that are forked, drawn where there are more (8)',
      read: 'number',
      sets: { setting: 'maps' },
      todo: 'Give a whole number from 2 to 256',
    },
    {
      flags: '--rungs <list>',
      description: 'steps after the fork at which half goes on (100,200,400)',
      read: 'numbers',
      sets: { setting: 'rungs' },
      todo: 'Give numbers of steps between commas, such as 100,200,400',
    },
    {
      flags: '--all',
      description: 'train every map to the end',
      read: 'switch',
      sets: { setting: 'all' },
    },
    {
      flags: '--learning-rate <x>',
      description: "held constant after the fork (the run's peak)",
      read: 'number',
      sets: { config: ['training', 'learningRate'] },
    },
    ...OF_A_RUN,
  ],
  common: {},
  misplaced: {
    verb: 'Fork a run',
    ...CONFIGURED_BY_RUN,
  },
};

/** The audits as commands: what they ask, what they run, which flags mean something to them. */
import type { StudyCommand } from '@ligature/core';
import { DECIDES, PARALLEL, SEEDS } from '../commands/common.js';

const trained = (name: string, question: string, runs: string, controller: boolean): StudyCommand => ({
  words: `audit ${name}`,
  description: question,
  runs,
  configured: true,
  flags: [],
  common: { ...(controller && { controller: DECIDES }), seeds: SEEDS, parallel: PARALLEL },
  misplaced: {
    verb: `Audit ${name}`,
    found: 'it has no meaning here',
    todo: 'Leave out {flag}; `ligature audit --list` says what each audit varies',
  },
});

export const storagesCommand = trained(
  'storages',
  "does the official log's count of independent layers say how many weights exist?",
  'trains under the official profile, 3 seeds of 20 episodes',
  true,
);

export const randomRatioCommand: StudyCommand = {
  words: 'audit random-ratio',
  description: 'how many layers stay independent when every action is random?',
  runs: 'replays the random controller, 4 to 48 layers, 200 seeds; trains nothing',
  configured: false,
  flags: [
    {
      flags: '--layers <list>',
      description: 'layers of the stack (random-ratio: sizes between commas)',
      read: 'numbers',
      sets: { setting: 'layers' },
      todo: 'Give sizes between commas, such as --layers 4,12,48',
    },
    { flags: '--seeds <n>', description: SEEDS, read: 'number', sets: { setting: 'seeds' } },
    {
      flags: '--seed <n>',
      description: 'seed of every random stream',
      read: 'number',
      sets: { setting: 'seed' },
    },
    {
      flags: '--sweeps <n>',
      description: 'sweeps over the layers (random-ratio)',
      read: 'number',
      sets: { setting: 'sweeps' },
    },
  ],
  common: {},
  misplaced: {
    verb: 'Audit random-ratio',
    found: 'it trains nothing',
    todo: 'Use --layers, --seeds, --seed and --sweeps',
  },
};

export const rewardsCommand = trained(
  'rewards',
  'for how much of a training does each reward tell the learner anything?',
  'trains once for each reward, 2 seeds',
  true,
);

export const gradientsCommand = trained(
  'gradients',
  'does it matter whose gradient a shared block gets, and what untying leaves?',
  'trains the 2 x 2 of accumulate, source-only and clone, alias, 5 seeds',
  true,
);

export const memoryCommand = trained(
  'memory',
  'what does tying save as the blocks become fewer, and what not?',
  'trains a few steps with L to 1 blocks, each in a process of its own',
  false,
);

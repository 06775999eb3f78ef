import type { StudyCommand } from '@ligature/core';
import { MARGIN, PARALLEL, PLAN, SEEDS } from '../commands/common.js';

export const comparisonCommand: StudyCommand = {
  words: 'compare',
  description: 'train the same model with several controllers and compare them',
  configured: true,
  help: `Side by side:
  --parallel n runs n trials at once, each in a process of its own; auto: as
  many as have a core (or --threads) and fit into memory. Each then computes on
  its share of the cores, unless --threads says otherwise. The number of threads
  changes the last digits, so the plan keeps it, and \`ligature resume\` too.
  Losses stay the same at equal threads; tokens/s and seconds do not.

Plans:
  A plan is a configuration file with a section \`plan\`: question, primary (of,
  against, metric, margin), secondary. The report opens with the primary
  contrast. --print-config checks a plan and trains nothing. Flags that would
  change what was planned are refused beside --plan.`,
  examples: [
    'ligature compare',
    'ligature compare --controllers none,cycle:blocks=4,q-learning --seeds 3',
    'ligature compare --seeds 5 --parallel auto --budget tokens:2e5',
    'ligature compare --dataset sotu --layers 12 --steps 600 --name sotu-12',
    'ligature compare --controllers none,pairs --seeds 12 --margin 0.01',
    'ligature compare --datasets moby-dick,sotu --seeds 8',
    'ligature compare --plan plan.yaml --parallel auto',
    'ligature compare --controllers none,random --json > comparison.json',
  ],
  flags: [
    {
      // One controller to compare is a comparison of one.
      flags: '--controller <name>',
      description: 'a single one, with nothing beside it',
      read: 'controllers',
      sets: { config: ['compare', 'controllers'] },
      unless: 'controllers',
    },
    MARGIN,
    {
      flags: '--datasets <list>',
      description: 'several datasets, each with all controllers and seeds',
      read: 'text',
      sets: { config: ['compare', 'datasets'] },
    },
    PLAN,
  ],
  common: {
    controllers: 'the controllers to compare, between commas',
    control: 'the one that the others are set against (none)',
    seeds: SEEDS,
    parallel: PARALLEL,
  },
  misplaced: { verb: 'Compare', found: 'it has no meaning here', todo: 'Leave out {flag}' },
};

import type { StudyCommand, StudyFlag } from '@ligature/core';
import { DECIDES, MARGIN, PARALLEL, PLAN, SEEDS } from '../commands/common.js';

const sweepField = (field: string) => ({ config: ['sweep', field] });
const goal = (value: string | null): NonNullable<StudyFlag['also']> => ({ config: ['sweep', 'goal'], value });

export const sweepCommand: StudyCommand = {
  words: 'sweep',
  description: 'train many configurations, by grid or at random, and rank them',
  group: 'Sweep',
  configured: true,
  help: `Values of --vary:
  5,10,20           these, one by one; of any field, also names and maps
  0.1..0.9          any number in between; 4..32 of whole numbers stays whole
  0..1:0.25         in steps, so that a grid can count them
  log:1e-4..1e-2    equal ratios are equally likely
  int:1..9          whole numbers alone
  Fields are the paths of --set. controller.epsilon.start is an option of the
  controller; layers, width, window and their like are what their flags set.
  A file says the same below \`sweep:\`, with vary, search, samples, seeds,
  objective, goal and axes.

Objectives:
  validation.METRIC and test.METRIC of the task's metrics (nats, perplexity,
  bitsPerByte, accuracy of a language model), parameters, independentLayers,
  tokensPerSecond, trainingSeconds, peakMemory.

Plans:
  A plan is such a file with a section \`plan\`: question, primary (of, against,
  metric, margin), secondary. Contrasts name configurations of a grid by their
  values: "window=5 width=64". The page opens with the primary contrast. Flags
  that would change what was planned are refused beside --plan.`,
  examples: [
    'ligature sweep --vary window=5,10,20 --vary width=32,64 --seeds 3',
    'ligature sweep --vary training.learningRate=log:1e-4..1e-2 --samples 30',
    'ligature sweep --vary controller.epsilon.start=0.1..1 --samples 24 --seeds 3 \\\n    --vary tying.gradient=accumulate,mean,source-only',
    'ligature sweep --vary window=5,10,20 --seeds 8 --margin 0.01',
    'ligature sweep --plan plan.yaml --parallel auto',
    'ligature resume runs/sweep-moby-dick --samples 60',
  ],
  flags: [
    {
      flags: '--seeds <list>',
      description: SEEDS,
      read: 'seeds',
      sets: sweepField('seeds'),
    },
    {
      flags: '--vary <path=values>',
      description: 'a field and its values: 5,10,20 or 0.1..0.9; repeatable',
      read: 'pairs',
      sets: sweepField('vary'),
      todo: 'Write --vary path=values, for example --vary tying.window=5,10,20 or --vary training.learningRate=log:1e-4..1e-2',
    },
    {
      flags: '--search <kind>',
      description: 'grid or random; left out: grid where values can be counted',
      read: 'text',
      sets: sweepField('search'),
    },
    {
      flags: '--samples <n>',
      description: 'configurations of a random search (20)',
      read: 'number',
      sets: sweepField('samples'),
    },
    {
      flags: '--objective <metric>',
      description: "what to rank by (validation, the task's first metric)",
      read: 'text',
      sets: sweepField('objective'),
      also: goal(null),
      oneOf: 'objective',
    },
    {
      flags: '--minimize <metric>',
      description: 'the same, less is better',
      read: 'text',
      sets: sweepField('objective'),
      also: goal('minimize'),
      oneOf: 'objective',
    },
    {
      flags: '--maximize <metric>',
      description: 'the same, more is better',
      read: 'text',
      sets: sweepField('objective'),
      also: goal('maximize'),
      oneOf: 'objective',
    },
    {
      flags: '--axes <fields>',
      description: 'the one or two fields of the picture, between commas',
      read: 'list',
      sets: sweepField('axes'),
    },
    MARGIN,
    PLAN,
  ],
  common: { controller: DECIDES, parallel: PARALLEL },
  misplaced: {
    verb: 'Sweep',
    found: 'that is a flag of `ligature compare`',
    todo: 'Use `ligature compare`',
    flags: {
      controllers: {
        found: 'that is a flag of `ligature compare`',
        todo: 'Use --vary controller={value}',
      },
    },
  },
  grows: [
    {
      flags: '--samples <n>',
      description: 'configurations in all, to extend a random sweep',
      read: 'number',
      sets: { setting: 'samples' },
    },
    {
      flags: '--seeds <list>',
      description: 'seeds in all, to extend a sweep',
      read: 'seeds',
      sets: { setting: 'seeds' },
    },
  ],
};

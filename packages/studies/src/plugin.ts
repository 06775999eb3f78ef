import { defineExecutor, definePlugin } from '@ligature/core';
import { z } from 'zod';
import { gradients } from './audits/gradients/entry.js';
import { memory } from './audits/memory/entry.js';
import { randomRatio } from './audits/random-ratio/entry.js';
import { rewards } from './audits/rewards/entry.js';
import { storages } from './audits/storages/entry.js';
import { comparison } from './comparison/entry.js';
import { childProcess } from './executors/child-process.js';
import { inProcess } from './executors/in-process.js';
import { forkedHalving } from './forked-halving/entry.js';
import { landscape } from './landscape/entry.js';
import { retraining } from './retraining/entry.js';
import { sweep } from './sweep/entry.js';

export const plugin = definePlugin({
  name: '@ligature/studies',
  version: '0.1.0',
  studies: {
    comparison,
    sweep,
    landscape,
    retraining,
    'forked-halving': forkedHalving,
    storages,
    'random-ratio': randomRatio,
    rewards,
    gradients,
    memory,
  },
  executors: {
    'child-process': defineExecutor({
      meta: { summary: 'a process for each trial, on this machine', options: z.strictObject({}) },
      create: (_, context) => childProcess(context),
    }),
    'in-process': defineExecutor({
      meta: { summary: 'all trials in the process of the study', options: z.strictObject({}) },
      create: (_, context) => inProcess(context),
    }),
  },
});

export default plugin;

/**
 * Studies that begin from runs (retraining, the audits of rewards, gradients, memory, storages and chance) need some:
 * their own tests have them.
 */
import { runConfigSchema } from '@ligature/core';
import { plugin } from '@ligature/studies';
import { checkStudy, type CheckStudyOptions } from '@ligature/testing';
import { it } from 'vitest';

const config = runConfigSchema.parse({ backend: 'cpu' });
/** As a sweep over two windows keeps it. */
const windows = [10, 50];
const swept = {
  ...{ search: 'grid', samples: 2, seeds: [1, 2], axes: ['tying.window'] },
  objective: { metric: 'validation.nats', goal: 'minimize' },
  fields: [
    {
      ...{ path: 'tying.window', name: 'window', text: windows.join(', ') },
      dimension: { kind: 'list', values: windows },
    },
  ],
  configurations: windows.map((window, at) => ({
    ...{ id: at + 1, label: `window=${window}`, values: [window] },
    config: { ...config, tying: { ...config.tying, window } },
  })),
};

const forked = {
  run: { folder: 'runs/warm', controller: 'none', seed: 1, steps: 400, layers: 4 },
  maps: [
    [0, 0, 0, 3],
    [0, 0, 2, 2],
    [0, 1, 1, 1],
  ],
  rungs: [100, 200],
};

const cases: readonly [string, CheckStudyOptions][] = [
  ['comparison', {}],
  ['landscape', { config: { model: { name: 'gpt2', options: { layers: 3 } } } }],
  ['sweep', { options: swept }],
  ['forked-halving', { options: forked }],
  ['forked-halving', { options: { ...forked, all: true } }],
];

it.each(cases)('%s', async (name, options) => {
  await checkStudy(plugin, name, options);
});

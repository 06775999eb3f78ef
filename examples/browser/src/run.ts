/** The run of this page: what is learnt, by which model, under which controller. The test trains the same in Node. */
import { plugin as heuristics } from '@ligature/controller-heuristics';
import { plugin as qLearning } from '@ligature/controller-q-learning';
import { plugin as random } from '@ligature/controller-random';
import {
  defineDataset,
  definePlugin,
  PluginHost,
  runConfigSchema,
  type Plugin,
  type RunConfig,
  type SplitName,
} from '@ligature/core';
import { plugin as evaluators } from '@ligature/evaluators';
import { plugin as tasks } from '@ligature/tasks';
import { plugin as tokenizers } from '@ligature/tokenizers';
import { plugin as trainer } from '@ligature/trainer';
import { plugin as transformer } from '@ligature/transformer';
import { z } from 'zod';

/** A text that is written in the configuration itself. Its last tenth is the test split, the one before validation. */
const given = definePlugin({
  name: 'browser-example',
  version: '0.1.0',
  datasets: {
    given: defineDataset({
      meta: { summary: 'The text in the option `text`', options: z.strictObject({ text: z.string() }) },
      create: ({ text }) => ({
        name: 'given',
        description: 'A text in the configuration',
        split: async (name) => ({ text: text.slice(...placeOf(name, text.length)), origin: 'derived' }),
      }),
    }),
  },
});

function placeOf(split: SplitName, length: number): [number, number] {
  const [eight, nine] = [Math.floor(0.8 * length), Math.floor(0.9 * length)];
  if (split === 'train') return [0, eight];
  return split === 'validation' ? [eight, nine] : [nine, length];
}

export const PLUGINS: readonly Plugin[] = [
  ...[tasks, transformer, tokenizers, trainer, evaluators],
  ...[qLearning, random, heuristics, given],
];

export function createHost(): PluginHost {
  const host = new PluginHost();
  for (const plugin of PLUGINS) host.register(plugin);
  return host;
}

/** @param controller q-learning, or another name of `PLUGINS` */
export function configFor(text: string, controller: string): RunConfig {
  return runConfigSchema.parse({
    dataset: { name: 'given', text },
    tokenizer: 'byte',
    model: { layers: 4, width: 16, heads: 2, context: 24 },
    controller,
    training: { steps: 60, batch: 4, warmup: 6, learningRate: 0.01 },
    tying: { window: 3, probeBatches: 1 },
    evaluation: { every: 15, batches: 2, batch: 4 },
    backend: 'cpu',
  });
}

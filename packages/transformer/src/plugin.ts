/** What this package offers to the plug-in host. */
import { defineModel, definePlugin, InputError } from '@ligature/core';
import type { ModelInputs } from '@ligature/core';
import { createGpt2 } from './gpt2/model.js';
import { gpt2OptionsSchema } from './options.js';

const gpt2 = defineModel({
  meta: {
    summary: 'GPT-2: pre-norm blocks, learned positions, GELU, head tied to the token embedding',
    options: gpt2OptionsSchema,
    reference: 'Radford et al. 2019, Language Models are Unsupervised Multitask Learners',
    // Of the authors' code (tamirdh/Dynamic-Layer-Tying, commit f1f1529), sizes aside.
    official: { dropout: 0.2, activation: 'gelu' },
  },
  create: (options, { inputs }) =>
    createGpt2({ ...options, vocabularySize: modelInput(inputs, 'vocabularySize') }),
});

/** @throws InputError (`model-input-missing`) naming what the data says */
function modelInput(inputs: ModelInputs, name: string): number {
  const value = inputs[name];
  if (value !== undefined) return value;
  const names = Object.keys(inputs);
  throw new InputError('model-input-missing', {
    asked: 'Make a GPT-2 for the data of this task',
    found: `the data says ${names.length > 0 ? names.join(', ') : 'nothing'}, and no ${name}`,
    todo: 'Choose a task that learns from tokens, or another model',
  });
}

export const plugin = definePlugin({
  name: '@ligature/transformer',
  version: '0.1.0',
  models: { gpt2 },
});

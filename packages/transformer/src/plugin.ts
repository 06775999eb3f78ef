/** What this package offers to the plug-in host. */
import { defineModel, definePlugin } from '@ligature/core';
import { createBert } from './bert/model.js';
import { bertOptionsSchema } from './bert/options.js';
import { createGpt2 } from './gpt2/model.js';
import { gpt2OptionsSchema } from './gpt2/options.js';
import { createLlama } from './llama/model.js';
import { llamaOptionsSchema } from './llama/options.js';
import { agreedInput, modelInput } from './model-inputs.js';
import { createVit } from './vit/model.js';
import { vitOptionsSchema } from './vit/options.js';

const gpt2 = defineModel({
  meta: {
    summary: 'GPT-2: pre-norm blocks, learned positions, GELU, head tied to the token embedding',
    options: gpt2OptionsSchema,
    reference: 'Radford et al. 2019, Language Models are Unsupervised Multitask Learners',
    // Of the authors' code (tamirdh/Dynamic-Layer-Tying, commit f1f1529), sizes aside.
    official: { dropout: 0.2, activation: 'gelu' },
  },
  create: (options, { inputs }) =>
    createGpt2({ ...options, vocabularySize: modelInput(inputs, 'vocabularySize', 'GPT-2', 'tokens') }),
});

const llama = defineModel({
  meta: {
    summary: 'LLaMA: pre-norm blocks, RMSNorm, rotary positions, SwiGLU, grouped heads; by option as Qwen2',
    options: llamaOptionsSchema,
    reference: 'Touvron et al. 2023, LLaMA: Open and Efficient Foundation Language Models, arXiv 2302.13971',
  },
  create: (options, { inputs }) =>
    createLlama({ ...options, vocabularySize: modelInput(inputs, 'vocabularySize', 'LLaMA', 'tokens') }),
});

const bert = defineModel({
  meta: {
    summary: 'BERT: post-norm blocks that see both sides, or a causal one; positions, segments, exact GELU',
    options: bertOptionsSchema,
    reference: 'Devlin et al. 2019, BERT: Pre-training of Deep Bidirectional Transformers, arXiv 1810.04805',
  },
  create: (options, { inputs }) =>
    createBert({ ...options, vocabularySize: modelInput(inputs, 'vocabularySize', 'BERT', 'tokens') }),
});

const vit = defineModel({
  meta: {
    summary: 'ViT: images as patches, pre-norm blocks that see everything, a class token, exact GELU',
    options: vitOptionsSchema,
    reference: 'Dosovitskiy et al. 2021, An Image is Worth 16x16 Words, arXiv 2010.11929',
  },
  create: (options, { inputs }) => {
    const imageSize = agreedInput(inputs, 'imageSize', options.imageSize);
    const channels = agreedInput(inputs, 'channels', options.channels);
    return createVit({
      ...options,
      imageSize: imageSize ?? modelInput(inputs, 'imageSize', 'ViT', 'images'),
      channels,
    });
  },
});

export const plugin = definePlugin({
  name: '@ligature/transformer',
  version: '0.1.0',
  models: { bert, gpt2, llama, vit },
});

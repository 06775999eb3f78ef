import { definePlugin, defineTokenizer, describeIssues, InputError, type Json } from '@ligature/core';
import { z } from 'zod';
import { byteOptionsSchema, createByteTokenizer } from './byte.js';
import { createBpeTokenizer, restoreBpeTokenizer } from './bpe/tokenizer.js';
import { bpeOptionsSchema } from './bpe/train.js';
import { createGpt2Tokenizer } from './gpt2.js';
import { createWordTokenizer, restoreWordTokenizer, wordOptionsSchema } from './word.js';

function savedByteOptions(saved: Json): z.output<typeof byteOptionsSchema> {
  const parsed = byteOptionsSchema.safeParse(saved);
  if (parsed.success) return parsed.data;
  throw new InputError('tokenizer-saved-invalid', {
    asked: 'Restore a byte tokenizer',
    found: describeIssues(parsed.error),
    todo: 'Use what toJSON() of a byte tokenizer gave',
  });
}

/** The tokenizers of this package that need no files, by name. */
export const plugin = definePlugin({
  name: '@ligature/tokenizers',
  version: '0.1.0',
  tokenizers: {
    byte: defineTokenizer({
      meta: { summary: 'One token for each UTF-8 byte', options: byteOptionsSchema },
      create: (options, { saved }) =>
        createByteTokenizer(saved === undefined ? options : savedByteOptions(saved)),
    }),
    word: defineTokenizer({
      meta: {
        summary:
          'Words split at white space, `<eos>` for each line end, `<unk>`; learnt from the training text',
        options: wordOptionsSchema,
        reference: 'Merity et al. 2016, Pointer Sentinel Mixture Models (WikiText)',
      },
      create: async (options, { saved, trainingText }) =>
        saved === undefined
          ? createWordTokenizer(await trainingText(), options)
          : restoreWordTokenizer(saved),
    }),
    gpt2: defineTokenizer({
      meta: {
        summary: "GPT-2's byte-level BPE with its 50,257 tokens; needs `npm install js-tiktoken`",
        options: z.strictObject({}),
        reference: 'Radford et al. 2019, Language Models are Unsupervised Multitask Learners, section 2.2',
      },
      create: () => createGpt2Tokenizer(),
    }),
    bpe: defineTokenizer({
      meta: {
        summary: 'Byte-level BPE learnt from the training text, saved as a tokenizer.json',
        options: bpeOptionsSchema,
        reference: 'Sennrich et al. 2016, section 3.2; Radford et al. 2019, section 2.2',
      },
      create: async (options, { saved, trainingText }) =>
        saved === undefined ? createBpeTokenizer(await trainingText(), options) : restoreBpeTokenizer(saved),
    }),
  },
});

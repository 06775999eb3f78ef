import { defineController, definePlugin } from '@ligature/core';
import type { EntryMeta, Plugin } from '@ligature/core';
import { SCHEMES, type Scheme } from '@ligature/weight-sharing/schemes';
import type { z } from 'zod';
import { beginFields, createFixedMap, literalMap, literalMapSchema } from './fixed-map.js';

/** Every scheme under its own name, with its own options, and with the share of the budget at which it begins. */
const schemes = Object.fromEntries(
  // The untied stack has no map to begin with.
  SCHEMES.map((scheme) => [scheme.name, scheme.name === 'none' ? fromTheStart(scheme) : atAnyShare(scheme)]),
);

type Entry = NonNullable<Plugin['controllers']>[string];

function fromTheStart(scheme: Scheme): Entry {
  return defineController({
    meta: metaOf(scheme, scheme.options),
    create: (options, { layers }) => createFixedMap(scheme.map(layers, options)),
  });
}

function atAnyShare(scheme: Scheme): Entry {
  return defineController({
    meta: metaOf(scheme, scheme.options.extend(beginFields)),
    create: (options, { layers }) => {
      const { begin, ...own } = options as { begin: number };
      return createFixedMap(scheme.map(layers, own), begin);
    },
  });
}

function metaOf<Schema extends z.ZodObject>(
  { summary, reference }: Scheme,
  options: Schema,
): EntryMeta<Schema> {
  return { summary, reference, options };
}

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
      create: ({ begin, enforced, map }, { layers }) =>
        createFixedMap(literalMap({ map }, layers), begin, enforced),
    }),
  },
});

export default plugin;

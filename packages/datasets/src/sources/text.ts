import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Dataset, DatasetContext } from '@ligature/core';
import { z } from 'zod';
import { sharesSchema } from '../splits.js';
import { derivedDataset } from './derived.js';
import { readTextFile, readTextFolder } from './files.js';

export const textOptionsSchema = sharesSchema.extend({
  path: z
    .string()
    .min(1)
    .optional()
    .describe('A text file, or a folder of .txt and .md files; the name given as dataset if left out'),
});

/** A text file, or the text files of a folder in sorted order. Nothing is read before the first split is asked for. */
export function createTextDataset(
  options: z.output<typeof textOptionsSchema>,
  { source, folder }: DatasetContext,
): Dataset {
  const where = options.path ?? source;
  const path = resolve(folder, where);
  return derivedDataset({
    name: 'text',
    description: `Local text: ${where}`,
    where,
    shares: options,
    load: async () => {
      const isFolder = await stat(path).then(
        (found) => found.isDirectory(),
        () => false,
      );
      return isFolder ? readTextFolder(path) : readTextFile(path);
    },
  });
}

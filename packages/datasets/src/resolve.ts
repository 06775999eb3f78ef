import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { unknownName } from '@ligature/core';
import { plugin } from './plugin.js';
import { formatOf } from './rows/open.js';
import { textOptionsSchema } from './sources/text.js';
import { findWikitextLayout, wikitextOptionsSchema } from './sources/wikitext.js';

/** Names of the datasets of this package. */
export const DATASET_NAMES: readonly string[] = Object.keys(plugin.datasets);

const TEXT_OPTIONS: ReadonlySet<string> = new Set(
  Object.keys(textOptionsSchema.shape).filter(
    (option) => !Object.hasOwn(wikitextOptionsSchema.shape, option),
  ),
);

/** What begins so is a name on the Hugging Face Hub; the plug-in @ligature/hub has the entry, which reads its source. */
const HUB_PREFIX = 'hf:';
const HUB = 'hub';

export interface ResolveOptions {
  /** Relative paths are resolved against it; the working folder by default. */
  readonly folder?: string;
  /** Every dataset name that is known, those of other plug-ins included; by default those of this package. */
  readonly known?: readonly string[];
  /** Options that were given with it: some kinds of dataset alone have them. */
  readonly given?: Readonly<Record<string, unknown>>;
}

/**
 * What a user means by a dataset: a known name, or else the path of a file or folder that exists.
 *
 * @returns the entry to create and the options that the source stands for
 * @throws InputError (`unknown-dataset`) listing the known names
 */
export async function resolveDataset(
  source: string,
  { folder = process.cwd(), known = DATASET_NAMES, given = {} }: ResolveOptions = {},
): Promise<{ name: string; options: { path?: string } }> {
  if (known.includes(source)) return { name: source, options: {} };
  if (source.startsWith(HUB_PREFIX)) {
    if (known.includes(HUB)) return { name: HUB, options: {} };
    throw unknownName(
      'dataset',
      source,
      known,
      'the plug-in @ligature/hub reads those of the Hugging Face Hub',
    );
  }
  const path = resolve(folder, source);
  const found = await stat(path).catch(() => undefined);
  if (source === '' || !found) {
    throw unknownName('dataset', source, known, 'give the path of a text file or folder that exists');
  }
  if (!found.isFile() && !found.isDirectory()) {
    throw unknownName('dataset', source, known, 'write the text to a file: what has that path is none');
  }
  if (found.isFile() && formatOf(path) !== undefined) return { name: 'table', options: { path: source } };
  const isText = found.isFile() || Object.keys(given).some((option) => TEXT_OPTIONS.has(option));
  const isWikitext = !isText && (await findWikitextLayout(path)) !== undefined;
  return { name: isWikitext ? 'wikitext' : 'text', options: { path: source } };
}

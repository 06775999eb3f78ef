import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { heldBy } from '@ligature/core';
import type { Dataset, DatasetContext, Plugin, SplitName } from '@ligature/core';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import { METHODS, rulesOf, type ContentKind, type Contents } from './kinds.js';

export interface CheckDatasetOptions extends CheckOptions {
  /** What a user would name as the dataset: the path of a text, or the entry's own name if left out. */
  readonly source?: string;
  /** Folder against which relative paths are resolved; an empty one if left out. */
  readonly folder?: string;
}

export const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

export interface DatasetSubject extends Subject<'datasets'> {
  /** Runs a check with the context that the check was given; without a folder of its own, in an empty one. */
  inFolder<T>(check: (context: DatasetContext) => Promise<T>): Promise<T>;
  make(context: DatasetContext, calls?: Calls): Promise<Dataset>;
  /** All that a split holds. @throws Finding (of `splits`) */
  contents(dataset: Dataset, name: SplitName, calls?: Calls): Promise<Contents>;
}

export function datasetSubject(
  plugin: Plugin,
  name: string,
  options: CheckDatasetOptions = {},
): DatasetSubject {
  const subject = subjectOf('datasets', plugin, name, options);
  const { source = name, folder } = options;
  return {
    ...subject,
    async inFolder(check) {
      if (folder !== undefined) return check({ source, folder });
      const empty = await emptyFolder();
      try {
        return await check({ source, folder: empty });
      } finally {
        await rm(empty, { recursive: true, force: true });
      }
    },
    async make(context, calls) {
      const dataset = await subject.create(context, calls);
      if (typeof dataset !== 'object' || dataset === null || heldBy(dataset).length === 0) {
        throw new Finding(`create gave ${show(dataset)}, which has none of ${METHODS.join(', ')}`, 'creates');
      }
      for (const [property, text] of Object.entries({
        name: dataset.name,
        description: dataset.description,
      })) {
        if (typeof text !== 'string' || text === '' || text.includes('\n')) {
          throw new Finding(`its ${property} is ${show(text)}`, 'creates');
        }
      }
      return dataset;
    },
    async contents(dataset, which, calls = subject.calls) {
      const held = heldBy(dataset).map(async (kind) => [kind, await contentOf(dataset, kind, which, calls)]);
      return Object.fromEntries(await Promise.all(held)) as Contents;
    },
  };
}

async function contentOf(
  dataset: Dataset,
  kind: ContentKind,
  which: SplitName,
  calls: Calls,
): Promise<unknown> {
  const { method, fault } = rulesOf(kind);
  const read = (): Promise<unknown> => dataset[method]!(which);
  const given = await calls.wait(`${method}("${which}")`, read);
  const isObject = typeof given === 'object' && given !== null;
  const found = isObject ? fault(given) : 'that is no object';
  if (found === undefined) return given;
  throw new Finding(`${method}("${which}") gave ${show(given)}: ${found}`, 'splits');
}

export const emptyFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'ligature-contract-'));

/** A digest of every file below a folder, by its path. */
export async function digestsBelow(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const digests = files.map(async (entry): Promise<[string, string]> => {
    const path = join(entry.parentPath, entry.name);
    return [
      relative(folder, path),
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ];
  });
  const found = await Promise.all(digests);
  return Object.fromEntries(found.sort(([one], [other]) => (one < other ? -1 : 1)));
}

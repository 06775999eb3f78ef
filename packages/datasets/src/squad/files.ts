/** Which files of a folder are read: those of one version of SQuAD, under their published names. */
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { SplitFiles } from '@ligature/core';
import { reasonOf } from '../sources/errors.js';
import { listed } from '../sources/split-files.js';
import { VERSIONS, type SquadVersion } from './articles.js';
import { squadError } from './errors.js';

export interface SquadFiles {
  /** Absolute. */
  readonly folder: string;
  /** Names in it: one to train on and one to test on; or one, from which all splits are cut. */
  readonly train: string;
  readonly held: string | undefined;
  /** What the names say; `undefined` where the file has to. */
  readonly version: SquadVersion | undefined;
  readonly leftOut: readonly string[];
}

export interface FileChoice {
  readonly version: 'auto' | SquadVersion;
  readonly cut: boolean;
}

const GET =
  'Give a folder with train-v1.1.json and dev-v1.1.json, or those of v2.0: --set dataset.path=FOLDER';

/**
 * @param path of a folder, or of one file
 * @param where what messages call it
 * @throws InputError (`dataset-missing`, `squad-version-unclear`, `squad-split-missing`, `squad-cut-unclear`)
 */
export async function findSquadFiles(path: string, where: string, choice: FileChoice): Promise<SquadFiles> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile()) return oneFile(path, where, choice);
  if (!found?.isDirectory()) {
    return squadError('dataset-missing', where, 'there is no such file or folder', GET);
  }
  const names = await readdir(path).catch((error: unknown) =>
    squadError('dataset-missing', where, `it cannot be read: ${reasonOf(error)}`, GET, error),
  );
  const there = names.filter((name) => NAME.test(name)).sort();
  const version = versionOf(there, where, choice.version);
  const [train, held] = (['train', 'dev'] as const).map((split) => {
    const name = fileName(split, version);
    return there.includes(name) ? name : undefined;
  });
  const leftOut = there.filter((name) => name !== train && name !== held);
  if (choice.cut) {
    if (train !== undefined && held !== undefined) {
      const said = `there are ${train} and ${held}`;
      return squadError(
        'squad-cut-unclear',
        where,
        said,
        'Leave `dataset.cut` out, or give one of the files',
      );
    }
    return { folder: path, train: (train ?? held) as string, held: undefined, version, leftOut };
  }
  if (train !== undefined && held !== undefined) return { folder: path, train, held, version, leftOut };
  const missing = fileName(train === undefined ? 'train' : 'dev', version);
  const cut = `cut all splits from ${(train ?? held) as string}: --set dataset.cut=true`;
  return squadError('squad-split-missing', where, `there is no ${missing}`, `Put it there, or ${cut}`);
}

export const splitFiles = ({ train, held, leftOut }: SquadFiles): SplitFiles => ({
  ...{ train: [train], validation: [], test: held === undefined ? [] : [held], leftOut },
});

const fileName = (split: 'train' | 'dev', version: SquadVersion): string => `${split}-v${version}.json`;
const NAME = /^(?:train|dev)-v(?:1\.1|2\.0)\.json$/u;

/** The one that there is, or that was asked for. */
function versionOf(names: readonly string[], where: string, asked: FileChoice['version']): SquadVersion {
  const found = VERSIONS.filter((version) => names.some((name) => name.endsWith(`-v${version}.json`)));
  const [first] = found;
  if (asked !== 'auto') {
    if (found.includes(asked)) return asked;
    const said = `there is no file of version ${asked}`;
    return squadError('squad-split-missing', where, `${said}; it holds ${listed(names) || 'none'}`, GET);
  }
  if (first === undefined) {
    return squadError('dataset-missing', where, 'no file of SQuAD is in it', GET);
  }
  if (found.length === 1) return first;
  return squadError(
    'squad-version-unclear',
    where,
    `there are files of both versions, ${listed(names)}`,
    'Say which one: --set dataset.version=1.1, or 2.0',
  );
}

async function oneFile(given: string, where: string, { version, cut }: FileChoice): Promise<SquadFiles> {
  const path = await realpath(given);
  const own = { folder: dirname(path), train: basename(path), held: undefined, leftOut: [] };
  if (cut) return { ...own, version: version === 'auto' ? undefined : version };
  return squadError(
    'squad-split-missing',
    where,
    'it is one file, and neither training nor testing may read what the other does',
    'Give the folder that holds both files, or cut all splits from this one: --set dataset.cut=true',
  );
}

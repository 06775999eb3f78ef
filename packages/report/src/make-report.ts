/** The page of whatever lies in a folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LigatureError } from '@ligature/core';
import type { Landscape, Retraining, Sweep } from '@ligature/studies';
import { comparisonPage } from './html/comparison-page.js';
import { runPage } from './html/run-page.js';
import { landscapePage, retrainingPage, sweepPage } from './html/study-pages.js';
import { readComparison } from './load/comparison-folder.js';
import { readObject, unreadable } from './load/read-json.js';
import { isRun, readManifest, readRun } from './load/run-folder.js';

type Make = (folder: string) => Promise<string>;

const KINDS: readonly (readonly [is: (folder: string) => boolean, make: Make])[] = [
  [has('comparison.json'), async (folder) => comparisonPage(readComparison(folder))],
  [has('sweep.json'), async (folder) => sweepPage(read<Sweep>(folder, 'sweep.json'), readManifest(folder))],
  [
    has('landscape.json'),
    async (folder) => landscapePage(read<Landscape>(folder, 'landscape.json'), readManifest(folder)),
  ],
  [
    has('retraining.json'),
    async (folder) => retrainingPage(read<Retraining>(folder, 'retraining.json'), readManifest(folder)),
  ],
  [isRun, async (folder) => runPage(readRun(folder))],
];

const read = <T>(folder: string, name: string): T => readObject(folder, name) as T;

function has(file: string): (folder: string) => boolean {
  return (folder) => existsSync(join(folder, file));
}

/**
 * HTML text of one file that needs no other: of a run, finished or not, a comparison, a sweep, a landscape or a
 * retraining.
 *
 * @throws InputError (`report-unreadable`) when the folder holds none of them, or a damaged one
 */
export async function makeReport(folder: string): Promise<string> {
  const kind = KINDS.find(([is]) => is(folder));
  if (!kind) {
    const begun = existsSync(join(folder, 'plan.json'));
    throw unreadable(
      folder,
      begun ? 'it is not finished: `ligature resume` goes on with it' : 'there is none in it',
    );
  }
  try {
    return await kind[1](folder);
  } catch (error) {
    if (error instanceof LigatureError) throw error;
    // Files that are JSON but not what was written here.
    throw unreadable(
      folder,
      `its files are damaged (${error instanceof Error ? error.message : error})`,
      error,
    );
  }
}

/** The page of whatever lies in a folder. */
import { LigatureError, type PluginHost } from '@ligature/core';
import { isStudy, lookAtStudy } from '@ligature/studies';
import { documentPage } from './document/page.js';
import { runPage } from './html/run-page.js';
import { unreadable } from './load/read-json.js';
import { isRun, readRun } from './load/run-folder.js';

/**
 * HTML text of one file that needs no other: of a run, finished or not, or of a study.
 *
 * @param host knows the study
 * @throws InputError (`report-unreadable`) when the folder holds none of them, or a damaged one
 */
export async function makeReport(folder: string, host: PluginHost): Promise<string> {
  try {
    if (isStudy(folder)) {
      const document = await lookAtStudy(folder, host);
      if (document) return await documentPage(document, folder);
      throw unreadable(folder, 'it is not finished: `ligature resume` goes on with it');
    }
    if (isRun(folder)) return await runPage(readRun(folder));
  } catch (error) {
    if (error instanceof LigatureError) throw error;
    // Files that are JSON but not what was written here.
    throw unreadable(
      folder,
      `its files are damaged (${error instanceof Error ? error.message : error})`,
      error,
    );
  }
  throw unreadable(folder, 'there is none in it');
}

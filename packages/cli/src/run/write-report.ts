/** The page of a folder, written into it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeReport } from '@ligature/report';

export const REPORT = 'report.html';

/** @returns the path of the page */
export async function writeReport(folder: string): Promise<string> {
  const path = join(folder, REPORT);
  writeFileSync(path, await makeReport(folder));
  return path;
}

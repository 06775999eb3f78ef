/** The page of a folder, written into it. */
import { join } from 'node:path';
import type { PluginHost } from '@ligature/core';
import { writeWhole } from '@ligature/core/node';
import { makeReport, REPORT } from '@ligature/report';

/** @returns the path of the page */
export async function writeReport(folder: string, host: PluginHost): Promise<string> {
  const path = join(folder, REPORT);
  await writeWhole(path, await makeReport(folder, host));
  return path;
}

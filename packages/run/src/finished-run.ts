/** What is finished needs nothing more. */
import { join } from 'node:path';
import { readTrialResult } from './result-schema.js';
import type { TrialResult } from './results.js';
import { readJson } from './run-folder.js';

/** The result of a run that was completed; `undefined` for one that was stopped or killed, whose result is damaged, and for no run. */
export function finishedRun(folder: string): TrialResult | undefined {
  const read = readTrialResult(readJson(join(folder, 'result.json')));
  return 'result' in read && read.result.outcome === 'completed' ? { ...read.result, folder } : undefined;
}

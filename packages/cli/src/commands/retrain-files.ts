/** The files that a retraining leaves in its folder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Retraining } from '@ligature/studies';
import { retrainingCsv, retrainingDifferencesCsv, retrainingMarkdown, retrainingSvg } from '@ligature/report';
import { writeReport } from '../run/write-report.js';

/** @returns the paths of what was written, the ones for people first */
export async function writeRetraining(retraining: Retraining, folder: string): Promise<string[]> {
  const path = (name: string): string => join(folder, name);
  const drawn = retraining.rows.length > 0;
  const figures = drawn ? [{ title: 'Test loss by what was trained', path: 'retraining.svg' }] : [];
  writeFileSync(path('retraining.md'), retrainingMarkdown(retraining, { figures }));
  if (drawn) writeFileSync(path('retraining.svg'), await retrainingSvg(retraining));
  writeFileSync(path('retraining.csv'), retrainingCsv(retraining));
  writeFileSync(path('differences.csv'), retrainingDifferencesCsv(retraining));
  await writeReport(folder);
  const pictures = figures.map((figure) => figure.path);
  return [
    'report.html',
    'retraining.md',
    ...pictures,
    'retraining.csv',
    'differences.csv',
    'retraining.json',
  ].map(path);
}

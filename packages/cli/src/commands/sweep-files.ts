/** The files that a sweep leaves in its folder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Sweep } from '@ligature/studies';
import { sweepCsv, sweepMarkdown, sweepSvg } from '@ligature/report';
import { writeReport } from '../run/write-report.js';

/** @returns the paths of what was written, the ones for people first */
export async function writeSweep(sweep: Sweep, folder: string): Promise<string[]> {
  const path = (name: string): string => join(folder, name);
  const drawn = sweep.rows.some(({ objective }) => Number.isFinite(objective.mean));
  writeFileSync(path('config.json'), `${JSON.stringify(sweep.config, null, 2)}\n`);
  writeFileSync(path('sweep.csv'), sweepCsv(sweep));
  if (drawn) writeFileSync(path('heat-map.svg'), await sweepSvg(sweep));
  const figures = drawn ? [{ title: `${sweep.objective.metric} over the sweep`, path: 'heat-map.svg' }] : [];
  writeFileSync(path('sweep.md'), sweepMarkdown(sweep, { figures }));
  await writeReport(folder);
  const pictures = figures.map((figure) => figure.path);
  return ['report.html', 'sweep.md', ...pictures, 'sweep.csv', 'sweep.json', 'config.json'].map(path);
}

/** The files that a comparison leaves in its folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Comparison } from '@ligature/studies';
import {
  comparisonCsv,
  comparisonJson,
  comparisonMarkdown,
  lossSvg,
  statisticsCsv,
  tieMapSvg,
} from '@ligature/report';
import { writeReport } from '../run/write-report.js';

/** @returns the paths of what was written, the ones for people first */
export async function writeComparison(comparison: Comparison, folder: string): Promise<string[]> {
  const path = (name: string): string => join(folder, name);
  const { trials } = comparison;
  writeFileSync(path('config.json'), `${JSON.stringify(comparison.config, null, 2)}\n`);
  writeFileSync(path('comparison.csv'), comparisonCsv(comparison));
  writeFileSync(path('statistics.csv'), statisticsCsv(comparison));
  writeFileSync(path('comparison.json'), comparisonJson(comparison));
  const figures: { title: string; path: string }[] = [];
  if (trials.length > 0) {
    mkdirSync(path('tie-maps'), { recursive: true });
    writeFileSync(path('loss.svg'), await lossSvg(trials));
    figures.push({ title: 'Training loss', path: 'loss.svg' });
  }
  for (const trial of trials) {
    const figure = `tie-maps/${basename(trial.folder)}.svg`;
    writeFileSync(path(figure), await tieMapSvg(trial));
    figures.push({ title: `Tie map of ${trial.controller}, seed ${trial.seed}`, path: figure });
  }
  writeFileSync(path('comparison.md'), comparisonMarkdown(comparison, { figures }));
  await writeReport(folder);
  const written = [
    'report.html',
    'comparison.md',
    'comparison.csv',
    'statistics.csv',
    'comparison.json',
    'config.json',
  ];
  return [...written, ...(trials.length > 0 ? ['loss.svg', 'tie-maps'] : [])].map(path);
}

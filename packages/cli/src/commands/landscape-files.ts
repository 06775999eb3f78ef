/** The files that a landscape leaves in its folder. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Landscape } from '@ligature/studies';
import {
  agreementCsv,
  blocksCsv,
  landscapeCsv,
  landscapeMarkdown,
  paretoSvg,
  rankingSvg,
  regretCsv,
} from '@ligature/report';
import { writeReport } from '../run/write-report.js';

/** @returns the paths of what was written, the ones for people first */
export async function writeLandscape(landscape: Landscape, folder: string): Promise<string[]> {
  const written: string[] = [];
  const write = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text);
    written.push(name);
  };
  const { maps, stability, controllers, config } = landscape;
  const drawn = maps.length > 0;
  const figures = drawn
    ? [
        { title: 'Loss against unique parameters', path: 'pareto.svg' },
        { title: 'Ranking of the tie maps', path: 'ranking.svg' },
      ]
    : [];
  write('landscape.md', landscapeMarkdown(landscape, { figures }));
  if (drawn) {
    write('pareto.svg', await paretoSvg(landscape));
    write('ranking.svg', await rankingSvg(landscape));
    write('landscape.csv', landscapeCsv(landscape));
    write('blocks.csv', blocksCsv(landscape));
  }
  if (stability.pairs.length > 0) write('stability.csv', agreementCsv(landscape));
  if (controllers.length > 0) write('regret.csv', regretCsv(landscape));
  write('config.json', `${JSON.stringify(config, null, 2)}\n`);
  await writeReport(folder);
  return ['report.html', ...written, 'landscape.json'].map((name) => join(folder, name));
}

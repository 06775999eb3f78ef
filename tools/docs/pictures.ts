/**
 * The pictures of the guides, drawn by the command: `npm run docs:pictures` draws them anew, `-- --check` fails when
 * they would change. Only decisions that depend on the seed alone are drawn, so any machine draws the same.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './pages.js';

const SMALL = [
  ...['--layers', '6', '--width', '8', '--heads', '2', '--context', '16', '--batch', '2', '--window', '5'],
  ...['--tokenizer', 'byte', '--backend', 'cpu', '--quiet', '--name', 'run'],
];

/** By file: the run whose tie map it shows. */
const PICTURES: Readonly<Record<string, readonly string[]>> = {
  // Three sweeps of five windows of five steps.
  'docs/images/sweeps.svg': ['--controller', 'random', '--seed', '2', '--steps', '75'],
};

const check = process.argv.includes('--check');
for (const [picture, run] of Object.entries(PICTURES)) {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-pictures-'));
  try {
    const command = join(ROOT, 'packages', 'cli', 'bin', 'ligature.js');
    const args = ['train', ...run, ...SMALL, '--out', folder];
    execFileSync(process.execPath, [command, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    const drawn = join(folder, 'run', 'tie-map.svg');
    const same = readFileSync(drawn, 'utf8') === readFileSync(join(ROOT, picture), 'utf8');
    console.log(`${picture}: ${same ? 'as it is' : check ? 'would change' : 'drawn anew'}`);
    if (!same && check) process.exitCode = 1;
    if (!same && !check) copyFileSync(drawn, join(ROOT, picture));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

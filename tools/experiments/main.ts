/**
 * `npm run experiments -- pack|unpack`: the trials of the published experiments, between the folder of a study and
 * the archive in docs/experiments/trials. See docs/experiments/README.md.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { packStudy, unpackStudy } from './archive.js';

const ARCHIVES = join(dirname(fileURLToPath(import.meta.url)), '../../docs/experiments/trials');
const archiveOf = (name: string): string => join(ARCHIVES, `${name}.jsonl`);
const read = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, 'utf8') : undefined;

const program = new Command('experiments').description('Trials of the published experiments, kept as text');

program
  .command('pack <name> <folder>')
  .description("writes a study's completed trials into the archive; trials that it holds already stay")
  .action((name: string, folder: string) => {
    const path = archiveOf(name);
    const packed = packStudy(folder, read(path));
    mkdirSync(ARCHIVES, { recursive: true });
    writeFileSync(`${path}.new`, packed);
    renameSync(`${path}.new`, path);
    process.stdout.write(`${name}: ${trialsIn(packed)} trials\n`);
  });

program
  .command('unpack <name> <folder>')
  .description('writes the trials of an archive into the folder of a study; `ligature resume` goes on there')
  .action((name: string, folder: string) => {
    const archive = read(archiveOf(name));
    if (archive === undefined) {
      program.error(`There is no archive "${name}" in docs/experiments/trials`);
    } else {
      process.stdout.write(`${name}: ${unpackStudy(archive, folder).length} trials written to ${folder}\n`);
    }
  });

const trialsIn = (archive: string): number => archive.trimEnd().split('\n').length - 1;

program.parse();

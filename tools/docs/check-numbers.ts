/** `npm run docs:check`: every number on a page of docs/experiments is in the CSV files beside it. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { cellNumbers, dataFiles, printedNumbers, unbacked } from './numbers.js';
import { ROOT } from './pages.js';

/** A page is read by people, and so is its data. */
const LARGEST_BYTES = 256 * 1024;

const FOLDER = join(ROOT, 'docs/experiments');
const findings: string[] = [];
const used = new Set<string>();
let numbers = 0;

const pages = readdirSync(FOLDER).filter((name) => name.endsWith('.md'));
for (const name of pages) {
  const path = join(FOLDER, name);
  const text = readFileSync(path, 'utf8');
  const files = dataFiles(text).map((file) => join(dirname(path), file));
  const missing = files.filter((file) => !existsSync(file));
  for (const file of missing) findings.push(`${name}: there is no ${relative(FOLDER, file)}`);
  if (files.length === 0) {
    findings.push(`${name}: names no data; begin it with <!-- data: data/NAME.csv -->`);
    continue;
  }
  for (const file of files) used.add(file);
  const cells = files
    .filter((file) => !missing.includes(file))
    .flatMap((file) => cellNumbers(readFileSync(file, 'utf8')));
  const printed = printedNumbers(text);
  numbers += printed.length;
  for (const { line, text: shown } of unbacked(printed, cells))
    findings.push(`${name}:${line}: ${shown} is in none of its data`);
}
const dataFolder = join(FOLDER, 'data');
for (const name of existsSync(dataFolder) ? readdirSync(dataFolder) : []) {
  const path = join(dataFolder, name);
  if (!used.has(path)) findings.push(`data/${name}: no page uses it`);
  if (statSync(path).size > LARGEST_BYTES) findings.push(`data/${name}: larger than 256 KiB`);
}
for (const finding of findings) process.stderr.write(`${finding}\n`);
process.stdout.write(`${pages.length} pages, ${numbers} numbers, ${findings.length} findings\n`);
process.exitCode = findings.length > 0 ? 1 : 0;

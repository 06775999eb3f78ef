/**
 * `npm run check:packages -- [name …] [--json]`: one line a package, as npm would publish it: publint (strict), attw,
 * dependencies, contents, size, exports and the fields of package.json. Needs the build; exit status 1 on any finding.
 */
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { checkPackages, type Findings } from './check.js';
import { readRepository } from './packages.js';

/** Columns are as wide as the widest cell. */
function printTable(all: readonly Findings[]): void {
  const plural = (count: number, one: string, more = `${one}s`): string =>
    `${count} ${count === 1 ? one : more}`;
  const cells = all.map(({ name, size, files, exports, dependencies, findings }) => [
    findings.length === 0 ? 'ok' : 'FAIL',
    name,
    `${(size / 1000).toFixed(1)} kB`,
    plural(files, 'file'),
    plural(exports, 'export'),
    plural(dependencies, 'dependency', 'dependencies'),
  ]);
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => (row[column] ?? '').length)),
  );
  all.forEach(({ findings }, index) => {
    const row = (cells[index] ?? []).map((cell, column) =>
      column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    );
    console.log(row.join('  '));
    for (const finding of findings) console.log(`        ${finding}`);
  });
  const failed = all.filter(({ findings }) => findings.length > 0).length;
  const found = all.reduce((sum, { findings }) => sum + findings.length, 0);
  console.log(
    failed === 0
      ? `${plural(all.length, 'package')} checked with publint, attw, dependencies, contents and package.json: nothing found`
      : `${plural(found, 'finding')} in ${failed} of ${plural(all.length, 'package')}`,
  );
}

const program = new Command('check-packages')
  .description('Checks the packages as npm would publish them.')
  .argument('[names...]', 'packages by name or folder; all when left out')
  .option('--json', 'print one JSON document')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.parse();

const repository = readRepository(fileURLToPath(new URL('../..', import.meta.url)));
const all = await checkPackages(repository, program.args);
if (all.length === 0) {
  console.error(
    `No package of that name; there are ${repository.packages.map(({ name }) => name).join(', ')}`,
  );
  process.exitCode = 2;
} else {
  if (program.opts<{ json?: boolean }>().json === true) console.log(JSON.stringify(all, null, 2));
  else printTable(all);
  process.exitCode = all.some(({ findings }) => findings.length > 0) ? 1 : 0;
}

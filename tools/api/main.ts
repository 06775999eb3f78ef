/**
 * The public types of every package as text, so that a change to one is seen in review: `npm run api` builds the
 * packages and writes `api/*.api.md`; `npm run api:check` fails, with the difference, when they are not up to date.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { readRepository } from '../check-packages/packages.js';
import { entryPoints } from './entry-points.js';
import { reportOf } from './report.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = join(root, 'api');

const committed = (report: string): string | undefined => {
  const file = join(folder, report);
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
};

/** Writes what differs, or tells it. @returns one line for each entry point that is not as it should be */
function run(check: boolean, scratch: string): string[] {
  const wrong: string[] = [];
  const reports = new Set<string>();
  for (const entry of readRepository(root).packages.flatMap(entryPoints)) {
    reports.add(entry.report);
    if (!existsSync(entry.types)) {
      wrong.push(`${entry.specifier}: ${entry.types} is missing; run \`npm run build\``);
      continue;
    }
    const { text, problems } = reportOf(entry, scratch);
    wrong.push(...problems.map((problem) => `${entry.specifier}: ${problem}`));
    const before = committed(entry.report);
    if (problems.length > 0 || text === before) continue;
    if (check) {
      wrong.push(`${entry.specifier}: its public types are not those of api/${entry.report}`);
      writeFileSync(join(scratch, entry.report), text);
      const old = before === undefined ? '/dev/null' : join(folder, entry.report);
      spawnSync('git', ['--no-pager', 'diff', '--no-index', old, join(scratch, entry.report)], {
        stdio: 'inherit',
      });
    } else {
      writeFileSync(join(folder, entry.report), text);
      console.log(`${before === undefined ? 'new' : 'changed'}: api/${entry.report}`);
    }
  }
  for (const stale of readdirSync(folder).filter((name) => name.endsWith('.api.md') && !reports.has(name))) {
    if (check) wrong.push(`api/${stale} is of an entry point that is gone`);
    else rmSync(join(folder, stale));
  }
  console.log(
    `${reports.size} entry points, ${wrong.length === 0 ? 'all reports are up to date' : `${wrong.length} findings`}`,
  );
  return wrong;
}

const program = new Command('api')
  .description('Writes the public types of every package to api/.')
  .option('--check', 'write nothing; fail when a report is not up to date')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
program.parse();

const scratch = mkdtempSync(join(tmpdir(), 'ligature-api-'));
try {
  mkdirSync(join(scratch, 'temp'));
  mkdirSync(folder, { recursive: true });
  const check = program.opts<{ check?: boolean }>().check === true;
  const wrong = run(check, scratch);
  for (const line of wrong) console.error(line);
  if (wrong.length > 0 && check)
    console.error('If the change is meant, run `npm run api` and commit api/ with it.');
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

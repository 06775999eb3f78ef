/**
 * The programs of the guides print what the guides say. The five commands of the guide to controllers, which
 * `npm run rehearse` runs, are those that a reader meets elsewhere, too.
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fiveCommands } from '../tools/rehearse/five-commands.js';
import { makeFolder, ROOT } from './support.js';

const commands = fiveCommands(readFileSync(join(ROOT, 'docs/guides/write-a-controller.md'), 'utf8'));
const shellOf = (markdown: string): string[] =>
  /```sh\n(.*?)```/s.exec(markdown)?.[1]?.trim().split('\n') ?? [];

let folder: string;
let remove: () => void;
beforeAll(() => ({ folder, remove } = makeFolder()));
afterAll(() => remove());

it('the README of the generator has the commands of the guide', () => {
  expect(commands).toHaveLength(5);
  const readme = readFileSync(join(ROOT, 'packages/create-controller/README.md'), 'utf8');
  expect(shellOf(readme)).toEqual(commands);
});

it('the first of them prints the others', () => {
  const [create, ...others] = commands;
  expect(create).toBe('npm create @ligature/controller@latest my-controller');
  const program = join(ROOT, 'packages/create-controller/bin/create-controller.js');
  const printed = execFileSync(process.execPath, [program, 'my-controller'], {
    cwd: folder,
    encoding: 'utf8',
  });
  const next = printed.split('\n').map((line) => line.trim());
  expect(next.slice(next.indexOf('Next:') + 1, next.indexOf('Next:') + 5)).toEqual(others);
});

const guides = join(ROOT, 'docs', 'guides');
const programs = readdirSync(guides).flatMap((name) =>
  [...readFileSync(join(guides, name), 'utf8').matchAll(/```ts\n(.*?)```\s*```text\n(.*?)```/gs)].map(
    ([, program, output], index) => ({ name, index, program: program!, output: output! }),
  ),
);

it.each(programs)('$name, program $index, prints what it says', async ({ name, index, program, output }) => {
  // Inside the checkout, where `@ligature/…` resolves as it does for a user who installed the packages.
  const place = join(ROOT, 'node_modules', '.cache', 'ligature-guides');
  mkdirSync(place, { recursive: true });
  const file = join(place, `${name}-${index}.mts`);
  writeFileSync(file, program);
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', file], { cwd: ROOT });
  expect(stdout).toBe(output);
});

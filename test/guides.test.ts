/** The five commands of the guide to controllers, which `npm run rehearse` runs, are those that a reader meets elsewhere, too. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
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

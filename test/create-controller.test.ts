/**
 * From nothing to a comparison, with the built packages of this checkout in place of a registry (`npm run rehearse` has
 * one): the command makes a package, which builds and trains as it is.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ligature, ROOT, TEXT, TINY } from './support.js';

// Inside the checkout, where the package finds @ligature/core as it would in a project that installed it.
const folder = join(ROOT, 'node_modules', '.cache', 'ligature-create');
beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'book.txt'), TEXT);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const node = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, args, { cwd: folder })).stdout;

it('makes a package that builds, trains and is compared', async () => {
  await node(join(ROOT, 'packages/create-controller/bin/create-controller.js'), '@me/my-controller');
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  await node(tsc, '-p', 'my-controller/tsconfig.build.json');

  const plugins = ['--plugins', './my-controller'];
  const listed = await ligature(['plugins', 'my-controller', ...plugins], folder);
  expect(listed.stdout).toContain('my-controller (controller of @me/my-controller)');
  for (const option of ['tolerance', 'memory', 'warmup', 'keep', 'partner'])
    expect(listed.stdout).toContain(option);

  const controllers = ['--controllers', 'none,my-controller:warmup=1:tolerance=100:keep=1'];
  const { status, stdout, stderr } = await ligature(
    ['compare', ...TINY, ...plugins, ...controllers, '--steps', '8', '--json', '--name', 'c'],
    folder,
  );
  expect({ status, failed: /failed/.test(stderr) }).toEqual({ status: 0, failed: false });
  const { trials } = JSON.parse(stdout) as { trials: { tieMap: number[]; test: { nats: number } }[] };
  // Four windows: it watches, ties layer 2 to layer 1, layer 1 to layer 0, and has one block left.
  expect(trials.map(({ tieMap }) => tieMap)).toEqual([
    [0, 1, 2],
    [0, 0, 0],
  ]);
  for (const { test } of trials) expect(test.nats).toBeLessThan(Math.log(256));
  const log = readFileSync(
    join(folder, 'runs/c/my-controller-warmup=1-tolerance=100-keep=1-seed-1/events.jsonl'),
    'utf8',
  );
  const decisions = [...log.matchAll(/"tying.decided".*"source":(\S+?),"kind":"(\w+)"/g)].map(
    ([, ...one]) => one,
  );
  expect(decisions).toEqual([
    ['null', 'keep'],
    ['1', 'layer'],
    ['0', 'layer'],
    ['null', 'keep'],
  ]);
}, 180_000);

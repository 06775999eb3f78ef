/**
 * The generators of CONTRIBUTING.md, run in a copy of the checkout as a contributor runs them; what they make has to
 * pass everything that a package of the house passes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyHouse, filesOfHouse, linkPackages, type HouseCopy } from './house-copy.js';
import { ROOT } from './support.js';

const MADE = ['packages/shapes', 'packages/controller-greedy'];

let house: HouseCopy;
const generate = (generator: string, ...args: string[]): Promise<string> =>
  house.run('nx', 'g', `./tools/generators:${generator}`, ...args);

beforeAll(async () => {
  house = copyHouse({ built: true });
  await generate('package', 'shapes', '--floor=2', '--description=Shapes of tie maps, as numbers');
  await generate('controller', 'greedy', "--summary=Ties all it can and doesn't wait");
  linkPackages(house.folder);
});
afterAll(() => house.remove());

const read = (path: string): string => readFileSync(join(house.folder, path), 'utf8');

describe('the generators', () => {
  it('make packages with the manifest of the house', () => {
    const [shapes, greedy] = MADE.map(
      (path) => JSON.parse(read(`${path}/package.json`)) as Record<string, unknown>,
    );
    const model = JSON.parse(read('packages/controller-random/package.json')) as Record<string, unknown>;
    for (const field of ['license', 'type', 'engines', 'exports', 'files', 'publishConfig', 'bugs']) {
      expect([shapes![field], greedy![field]], field).toEqual([model[field], model[field]]);
    }
    expect(shapes).toMatchObject({
      name: '@ligature/shapes',
      description: 'Shapes of tie maps, as numbers',
      repository: { directory: 'packages/shapes' },
      nx: { tags: ['floor:2'] },
    });
    expect(greedy).toMatchObject({
      name: '@ligature/controller-greedy',
      description: "Ties all it can and doesn't wait",
      dependencies: model['dependencies'],
      nx: { tags: ['floor:1'] },
    });
    expect(JSON.stringify([shapes, greedy])).not.toContain('random');
  });

  it('make code that is formatted, linted, typed and on its floor', async () => {
    await house.run('prettier', '--check', ...MADE, 'CONTRIBUTING.md');
    await house.run('eslint', ...MADE);
    const include = MADE.flatMap((path) => [`${path}/src`, `${path}/test`]);
    writeFileSync(
      join(house.folder, 'tsconfig.made.json'),
      JSON.stringify({ extends: './tsconfig.json', include }),
    );
    await house.run('tsc', '-p', 'tsconfig.made.json');
    await house.run('depcruise', '--config', '.dependency-cruiser.cjs', ...MADE);
  }, 180_000);

  it('make tests that pass, the contract suite among them', async () => {
    const report = await house.run('vitest', 'run', ...MADE.map((path) => `${path}/`));
    expect(Number(/Tests: (\d+) passed, 0 failed/.exec(report)?.[1])).toBeGreaterThan(30);
  });

  it('make packages that npm could publish as they are', async () => {
    for (const path of MADE) await house.run('tsc', '-p', `${path}/tsconfig.build.json`);
    const names = MADE.map((path) => path.replace('packages/', ''));
    expect(await house.run('tsx', 'tools/check-packages/main.ts', ...names)).toContain('nothing found');
  }, 120_000);

  it.each(MADE)('make a README for %s whose example prints what it says', async (path) => {
    const [, program, output] = /```ts\n(.*?)```\s*```text\n(.*?)```/s.exec(read(`${path}/README.md`))!;
    mkdirSync(join(house.folder, 'node_modules', '.examples'), { recursive: true });
    const file = join(house.folder, 'node_modules', '.examples', 'example.mts');
    writeFileSync(file, program!);
    expect(await house.run('tsx', file)).toBe(output);
  });

  it('enter the packages in the table of the floors', () => {
    const rows = read('CONTRIBUTING.md').split('\n');
    expect(rows.find((row) => row.startsWith('| 1 '))).toContain('`controller-greedy`');
    expect(rows.find((row) => row.startsWith('| 2 '))).toContain('`shapes`');
  });

  it('refuse a package that is there', async () => {
    await expect(generate('controller', 'greedy')).rejects.toThrow(/it is there/);
    await expect(generate('controller', 'random')).rejects.toThrow(/of its own/);
  });
});

it('CONTRIBUTING.md names scripts and files that there are', () => {
  const contributing = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: object };
  const named = [...contributing.matchAll(/npm run ([a-z:-]+)/g)].map(([, name]) => name!);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
  const files = filesOfHouse();
  for (const [, path] of contributing.matchAll(/\]\((?!https?:)([^)#]+)/g)) expect(files).toContain(path);
});

it('CONTRIBUTING.md shows every package on its floor', () => {
  const contributing = readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8');
  const rows = [...contributing.matchAll(/^\| (\d) +\| (.*?) *\|$/gm)];
  const shown = rows.flatMap(([, floor, names]) =>
    [...names!.matchAll(/`([a-z-]+)`/g)].map(([, name]) => `floor:${floor} ${name}`),
  );
  const there = filesOfHouse()
    .map((path) => /^packages\/([^/]+)\/package\.json$/.exec(path)?.[1])
    .filter((name) => name !== undefined)
    .map((name) => {
      const { nx } = JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8')) as {
        nx: { tags: string[] };
      };
      return `${nx.tags[0]} ${name}`;
    });
  expect(shown.sort()).toEqual(there.sort());
});

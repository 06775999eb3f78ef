/**
 * What nx runs again after a file was touched: all that depends on it, and nothing else. Touches files in a copy of
 * the checkout whose targets only note that they ran; the inputs, the graph and the cache are the real ones.
 */
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { copyHouse, filesOfHouse, type HouseCopy } from './house-copy.js';
import { ROOT } from './support.js';

interface Manifest {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  scripts?: Record<string, string>;
  nx?: Record<string, unknown>;
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(path, 'utf8')) as T;

const files = filesOfHouse();
const manifests = files
  .filter((path) => /^packages\/[^/]+\/package\.json$/.test(path))
  .map((path) => ({ folder: dirname(path), manifest: readJson<Manifest>(join(ROOT, path)) }));
const packages = manifests.map(({ manifest }) => manifest.name);

/** Packages of the house that a package declares, for whatever use. */
function declared(manifest: Manifest): string[] {
  const { dependencies, devDependencies, peerDependencies, optionalDependencies } = manifest;
  const all = { ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies };
  return Object.keys(all).filter((name) => packages.includes(name));
}

/** A package and all that depend on it, directly or not. */
function dependents(name: string): string[] {
  const found = new Set([name]);
  for (let before = 0; before < found.size;) {
    before = found.size;
    for (const { manifest } of manifests) {
      if (declared(manifest).some((one) => found.has(one))) found.add(manifest.name);
    }
  }
  return [...found];
}

const targets = (target: string, projects: readonly string[]): string[] =>
  projects.map((project) => `${project}:${target}`);
/** The tests that run on everything. */
const WHOLE = ['tools:test', 'end-to-end:test'];

let house: HouseCopy;
let log: string;

beforeAll(() => {
  house = copyHouse();
  log = `${house.folder}.log`;
  const note = (project: string, target: string): string =>
    `node -e "require('node:fs').appendFileSync('${log}', '${project}:${target}\\n')"`;
  for (const { folder } of manifests) {
    const path = join(house.folder, folder, 'package.json');
    const manifest = readJson<Manifest>(path);
    const replaced = Object.keys(manifest.scripts ?? {}).filter((name) => ['build', 'test'].includes(name));
    expect(replaced.sort(), folder).toEqual(['build', 'test']);
    const noting = replaced.map((name) => [name, { command: note(manifest.name, name) }] as const);
    const nx = { ...manifest.nx, targets: Object.fromEntries(noting) };
    writeFileSync(path, JSON.stringify({ ...manifest, scripts: {}, nx }));
  }
  for (const folder of ['tools', 'test']) {
    const path = join(house.folder, folder, 'project.json');
    const project = readJson<{ name: string; targets: { test: { command: string } } }>(path);
    project.targets.test.command = note(project.name, 'test');
    writeFileSync(path, JSON.stringify(project));
  }
});
afterAll(() => {
  house.remove();
  rmSync(log, { force: true });
});

/** Changes a file, or makes one, and says what nx runs then. */
async function runsAfter(touched?: string): Promise<string[]> {
  if (touched !== undefined) {
    const path = join(house.folder, touched);
    mkdirSync(dirname(path), { recursive: true });
    appendFileSync(path, '\n');
  }
  writeFileSync(log, '');
  await house.run('nx', 'run-many', '-t', 'build', 'test', '--outputStyle=static');
  return readFileSync(log, 'utf8').trim().split('\n').filter(Boolean).sort();
}

describe('what nx runs again', () => {
  it('is everything at first, and nothing when nothing was touched that anything depends on', async () => {
    const all = [...targets('build', packages), ...targets('test', packages), ...WHOLE];
    expect(await runsAfter()).toEqual(all.sort());
    expect(await runsAfter('LICENSE')).toEqual([]);
  });

  const whatNeeds = (name: string): string[] => [
    ...targets('build', dependents(name)),
    ...targets('test', dependents(name)),
    ...WHOLE,
  ];

  it.each([
    ['the sources of the lowest floor', 'packages/core/src/errors.ts', whatNeeds('@ligature/core')],
    ['sources further up', 'packages/trainer/src/clip.ts', whatNeeds('@ligature/trainer')],
    ['a test', 'packages/evaluators/test/new/a.test.ts', ['@ligature/evaluators:test']],
    ['what a test reads', 'packages/report/examples/new.json', ['@ligature/report:test']],
    ['a README', 'packages/datasets/README.md', ['end-to-end:test']],
    ['a guide', 'docs/guides/new.md', ['end-to-end:test']],
    ['an example', 'examples/browser/src/text.ts', ['end-to-end:test']],
    [
      'the template',
      'packages/create-controller/template/src/index.ts',
      ['@ligature/create-controller:test', ...WHOLE],
    ],
    ['a tool', 'tools/bench/table.ts', WHOLE],
    ['how tests are run', 'vitest.config.ts', [...targets('test', packages), ...WHOLE]],
  ])('follows %s', async (_what, touched, expected) => {
    expect(await runsAfter(touched)).toEqual([...expected].sort());
  });

  it.each(['weight-sharing', 'report'])('is found by nx affected for %s', async (name) => {
    const flags = ['--affected', `--files=packages/${name}/src/index.ts`, '--json'];
    const found = JSON.parse(await house.run('nx', 'show', 'projects', ...flags)) as string[];
    expect(found.sort()).toEqual([...dependents(`@ligature/${name}`), 'tools', 'end-to-end'].sort());
  });

  it('rests on a graph with an edge for every import, in tests too', () => {
    const missing = manifests.flatMap(({ folder, manifest }) => {
      const sources = files.filter((path) => path.startsWith(`${folder}/`) && path.endsWith('.ts'));
      const imported = sources.flatMap((path) =>
        [...readFileSync(join(ROOT, path), 'utf8').matchAll(/from '(@ligature\/[a-z-]+)/g)].map(
          ([, name]) => name!,
        ),
      );
      const known = [manifest.name, ...declared(manifest)];
      return [...new Set(imported)]
        .filter((name) => packages.includes(name) && !known.includes(name))
        .map((name) => `${folder} imports ${name}`);
    });
    expect(missing).toEqual([]);
  });
});

/** A package as it is made: its types, its tests and its README, with the packages of this checkout. */
import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { createControllerPackage, parsePackageName, templateFiles } from '../src/index.js';

const execute = promisify(execFile);
const root = fileURLToPath(new URL('../../../', import.meta.url));
// Inside the checkout, where `@ligature/…` resolves as it does in a project that installed it.
const parent = join(root, 'node_modules', '.cache', 'ligature-create-controller');
const folder = join(parent, 'greedy');
// The packages' sources, so that no stale build can hide a mistake.
const SOURCES = '@ligature/source';

/** What a program that is run in the package prints; the error of one that fails says it too. */
async function node(...args: string[]): Promise<string> {
  try {
    const all = [`--conditions=${SOURCES}`, ...args];
    // The sources need a compiler option that the package has no use for once they are built.
    const env = { ...process.env, TSX_TSCONFIG_PATH: join(root, 'tsconfig.json') };
    return (await execute(process.execPath, all, { cwd: folder, env, maxBuffer: 2 ** 24 })).stdout;
  } catch (cause) {
    const { stdout, stderr } = cause as { stdout?: string; stderr?: string };
    throw new Error(`${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause });
  }
}

beforeAll(() => {
  rmSync(parent, { recursive: true, force: true });
  mkdirSync(parent, { recursive: true });
  createControllerPackage({ name: '@me/greedy', summary: "Doesn't wait", cwd: parent });
});

describe('a package as it is made', () => {
  it('has no type errors', async () => {
    const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
    const flags = ['--customConditions', SOURCES, '--experimentalDecorators'];
    await expect(node(tsc, ...flags)).resolves.toBe('');
  });

  it('passes its own tests, the contract suite among them', async () => {
    const tests = readdirSync(join(folder, 'test')).filter((name) => name.endsWith('.test.ts'));
    const report = await node('--import', 'tsx', '--test', ...tests.map((name) => join('test', name)));
    const count = (what: string): number => Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(report)?.[1]);
    expect(count('fail') + count('cancelled')).toBe(0);
    // Rules about what this controller does not have.
    const reasons = [...report.matchAll(/# SKIP (.*)$/gm)].map(([, reason]) => reason);
    expect(new Set(reasons)).toEqual(
      new Set([
        'it has no initial map: every layer starts independent',
        'it wants nothing measured',
        'the configuration says whose turn it is',
      ]),
    );
    // Two sets of options, each of which has to follow a dozen rules and more.
    expect(count('pass')).toBeGreaterThan(24);
  });

  it('has a README whose example prints what it says', async () => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    const [, program, output] = /```ts\n(.*?)```\s*```text\n(.*?)```/s.exec(readme)!;
    // A package finds itself by name once it is built.
    const entry = pathToFileURL(join(folder, 'src', 'index.ts')).href;
    writeFileSync(join(folder, 'example.mts'), program!.replace("'@me/greedy'", `'${entry}'`));
    expect(await node('--import', 'tsx', 'example.mts')).toBe(output);
  });
});

it('is published with every file of the template', async () => {
  const here = join(root, 'packages', 'create-controller');
  const { stdout } = await execute('npm', ['pack', '--dry-run', '--json'], { cwd: here });
  const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[];
  const published = packed!.files.map(({ path }) => path).filter((path) => path.startsWith('template/'));
  const template = Object.keys(templateFiles({ name: parsePackageName('x') }));
  // Renamed on the way, because npm leaves a .gitignore out.
  const kept = template.map((path) => `template/${path.replace(/^\.gitignore$/, '_gitignore')}`);
  expect(published.sort()).toEqual(kept.sort());
});

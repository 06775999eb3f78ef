/**
 * The five commands of docs/guides/write-a-controller.md, as they stand there, in an empty folder: from nothing to a
 * controller that passes the contract suite and was compared.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Run } from './processes.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TRACE = join(ROOT, 'tools', 'rehearse', 'trace');

/** The commands that the guide prints under the heading `Five commands`. */
export function fiveCommands(guide: string): readonly string[] {
  const block = /^## Five commands$.*?^```sh\n(?<commands>.*?)^```$/ms.exec(guide)?.groups?.['commands'];
  return block?.trim().split('\n') ?? [];
}

interface Comparison {
  readonly failed: readonly unknown[];
  readonly trials: readonly {
    readonly controller: string;
    readonly steps: number;
    readonly test: { readonly nats: number };
    readonly tieMap: readonly number[];
  }[];
}

/** In which npm would install, if it were not told to stay where it is. */
const ABOVE = '{ "private": true }\n';

/**
 * @param parent made by this, with an empty folder in it
 * @param env of somebody who has nothing but Node, npm and the registry
 * @returns one line on what came out
 */
export async function followTheGuide(parent: string, run: Run, env: NodeJS.ProcessEnv): Promise<string> {
  const folder = join(parent, 'empty');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(parent, 'package.json'), ABOVE);
  const log = join(env['HOME'] as string, 'modules-of-the-guide.log');
  const traced = {
    ...env,
    NODE_OPTIONS: `--import=${pathToFileURL(join(TRACE, 'register.mjs')).href}`,
    LIGATURE_TRACE: log,
  };
  const guide = readFileSync(join(ROOT, 'docs', 'guides', 'write-a-controller.md'), 'utf8');
  const commands = fiveCommands(guide);
  assert.equal(commands.length, 5, 'the guide has five commands');

  const printed: string[] = [];
  for (const command of commands)
    printed.push((await run('sh', ['-c', command], { cwd: folder, env: traced })).stdout);

  const passed = assertTested(printed[2] ?? '');
  const { trials, failed } = JSON.parse(
    readFileSync(join(folder, 'runs', 'compare-moby-dick', 'comparison.json'), 'utf8'),
  ) as Comparison;
  assert.deepEqual(failed, []);
  assert.deepEqual(
    trials.map(({ controller }) => controller),
    ['none', 'my-controller'],
  );
  const [none, mine] = trials as [Comparison['trials'][0], Comparison['trials'][0]];
  assert.equal(new Set(none.tieMap).size, none.tieMap.length);
  assert.ok(new Set(mine.tieMap).size < none.tieMap.length, `my-controller tied nothing: ${mine.tieMap}`);
  assert.equal(mine.steps, none.steps);
  assertElsewhere(log, folder);
  assert.deepEqual(readdirSync(parent).sort(), ['empty', 'package.json']);
  assert.equal(readFileSync(join(parent, 'package.json'), 'utf8'), ABOVE);
  return `${passed} tests passed; ${mine.test.nats.toFixed(3)} nats with ${mine.tieMap.join('-')}, ${none.test.nats.toFixed(3)} untied`;
}

/** What node:test prints: the rules of the contract twice, for two sets of options, and the rule's own tests. */
function assertTested(report: string): number {
  const count = (what: string): number => Number(new RegExp(`^\\S+ ${what} (\\d+)$`, 'm').exec(report)?.[1]);
  assert.equal(count('fail'), 0, report);
  assert.ok(count('pass') > 50, report);
  return count('pass');
}

/** Nothing of the workspace was loaded, by whichever program; what it was made of is of the registry. */
function assertElsewhere(log: string, folder: string): void {
  const loaded = new Set(readFileSync(log, 'utf8').trim().split('\n'));
  const ours = [...loaded].filter((path) => path.startsWith(ROOT) && !path.startsWith(TRACE));
  assert.deepEqual(ours, [], 'modules of the workspace were loaded');
  const place = realpathSync(folder);
  for (const part of [
    join('my-controller', 'dist'),
    join('my-controller', 'node_modules', '@ligature', 'testing'),
  ])
    assert.ok(
      [...loaded].some((path) => path.startsWith(join(place, part))),
      `${part} was loaded`,
    );
  assert.deepEqual(readdirSync(folder).sort(), [
    ...['my-controller', 'node_modules', 'package-lock.json', 'package.json', 'runs'],
  ]);
}

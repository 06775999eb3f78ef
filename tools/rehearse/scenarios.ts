/** What strangers do with the published packages. Expected numbers are worked out, not copied from a run. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Consumer } from './consumer.js';
import type { Run } from './processes.js';
import type { Versions } from './releases.js';
import { compileThere } from './types.js';

const fixture = (path: string): string => fileURLToPath(new URL(`./fixtures/${path}`, import.meta.url));

/** Somebody else's package, from their folder to the registry. @param name of its folder among the fixtures */
export async function publishThirdParty(
  name: string,
  folder: string,
  versions: Versions,
  run: Run,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  cpSync(fixture(name), folder, { recursive: true });
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: Record<string, string> };
  for (const name of Object.keys(manifest.dependencies)) {
    const version = versions.get(name);
    if (version !== undefined) manifest.dependencies[name] = `^${version}`;
  }
  writeFileSync(file, JSON.stringify(manifest));
  await run('npm', ['publish'], { cwd: folder, env });
}

const LAYERS = 4;
const WIDTH = 8;
const CONTEXT = 16;
const TINY = [
  ...['--dataset', 'book.txt', '--tokenizer', 'byte', '--layers', `${LAYERS}`, '--width', `${WIDTH}`],
  ...['--heads', '2', '--context', `${CONTEXT}`, '--batch', '2', '--steps', '6', '--window', '2', '--json'],
];

/** Parameters of GPT-2 with `blocks` blocks of its own: 12w² + 13w each, embeddings of 256 bytes and positions, a norm. */
const parameters = (blocks: number): number =>
  blocks * (12 * WIDTH ** 2 + 13 * WIDTH) + (256 + CONTEXT) * WIDTH + 2 * WIDTH;

interface Trial {
  readonly controller: string;
  readonly tieMap: readonly number[];
  readonly steps: number;
  readonly outcome: string;
  readonly backend: { readonly name: string };
  readonly test: { readonly nats: number };
  readonly ledger: { readonly uniqueParameters: number };
}

/** After six steps a model of bytes is hardly better than a guess among 256, and no worse. */
function assertTrained(trial: Trial): void {
  assert.equal(trial.outcome, 'completed');
  assert.equal(trial.steps, 6);
  assert.ok(
    trial.test.nats > 4 && trial.test.nats < Math.log(256),
    `${trial.controller}: ${trial.test.nats} nats`,
  );
  const blocks = new Set(trial.tieMap).size;
  assert.equal(trial.ledger.uniqueParameters, parameters(blocks), `parameters of ${trial.controller}`);
}

/** The command, a controller package of ours and one of a stranger: train and compare. */
export async function trainAndCompare(consumer: Consumer): Promise<string> {
  const text = Array.from(
    { length: 120 },
    (_, i) => `Chapter ${i}. The whale was ${i * 7 + 1} fathoms long.\n\n`,
  );
  writeFileSync(join(consumer.folder, 'book.txt'), text.join(''));

  const plugins = ['--plugins', 'ligature-controller-neighbours'];
  const onCpu = [...TINY, '--backend', 'cpu'];
  const compare = [
    'compare',
    ...onCpu,
    ...plugins,
    '--controllers',
    'none,q-learning,random,neighbours,neighbours:size=4',
  ];
  const { stdout } = await consumer.ligature(...compare);
  const { trials, failed } = JSON.parse(stdout) as { trials: Trial[]; failed: unknown[] };
  assert.deepEqual(failed, []);
  assert.equal(trials.length, 5);
  for (const trial of trials) {
    assertTrained(trial);
    assert.equal(trial.backend.name, 'cpu');
  }
  const maps = trials.map(({ tieMap }) => tieMap);
  assert.deepEqual(
    [maps[0], maps[3], maps[4]],
    [
      [0, 1, 2, 3],
      [0, 0, 2, 2],
      [0, 0, 0, 0],
    ],
  );

  // A run on its own is the same run: same seed, same result.
  const train = await consumer.ligature('train', ...onCpu, ...plugins, '--controller', 'neighbours');
  const alone = JSON.parse(train.stdout) as Trial;
  assert.deepEqual(alone.tieMap, maps[3]);
  assert.equal(alone.test.nats, trials[3]?.test.nats);

  // Whichever backend is the best here.
  const { stdout: chosen } = await consumer.ligature('train', ...TINY, '--controller', 'q-learning');
  const best = JSON.parse(chosen) as Trial;
  assertTrained(best);

  const loaded = consumer.loadedModules();
  for (const name of [
    '@ligature/trainer',
    '@ligature/controller-q-learning',
    'ligature-controller-neighbours',
    'zod',
  ])
    assert.ok(
      [...loaded].some((path) => path.startsWith(join('node_modules', name))),
      `${name} was loaded`,
    );
  return `5 trials on cpu, one on ${best.backend.name}, ${loaded.size} modules, all of them from this folder`;
}

/** What TypeScript sees. */
export function compileTypes(consumer: Consumer): void {
  assert.deepEqual(compileThere(fixture('programs/types.ts'), consumer.folder, /@ligature\//), []);
}

/** One package without the rest: nothing of ours comes with it but `expected`. */
export async function useAlone(
  consumer: Consumer,
  name: string,
  expected: readonly string[],
): Promise<string> {
  const { stdout } = await consumer.program(fixture(`programs/${name}.mjs`));
  assert.equal(stdout, `${name}: ok\n`);
  const ours = [...consumer.installed(/^@ligature\//).keys()].sort();
  assert.deepEqual(ours, expected);
  return `${ours.join(' and ')}, ${consumer.installed(/./).size} packages in all, ${consumer.loadedModules().size} modules loaded`;
}

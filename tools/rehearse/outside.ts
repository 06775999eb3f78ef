/**
 * What somebody adds by public contracts alone, used through the real command: tasks, a model, an optimizer, an adapter,
 * recorders, a study and an executor. Expected numbers are worked out, not copied from a run.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Consumer } from './consumer.js';

type Installed = Pick<Consumer, 'folder' | 'ligature' | 'node'>;

const FEATURES = 3;
const LAYERS = 3;
const WIDTH = 12;
const STEPS = 60;

const PLUGINS = ['--plugins', 'ligature-outside'];
const COMMON = [...PLUGINS, '--backend', 'cpu', '--optimizer', 'signum', '--json'];
const RATE = ['--set', 'training.learningRate=0.02'];
/** Numbers from numbers, on an architecture that has no positions and no tokens. */
const REGRESSION = [
  ...[...COMMON, ...RATE, '--task', 'regression', '--model', 'residual-mlp'],
  ...[
    '--layers',
    `${LAYERS}`,
    '--width',
    `${WIDTH}`,
    '--steps',
    `${STEPS}`,
    '--window',
    '5',
    '--batch',
    '16',
  ],
];

/** Input and head, a norm and a linear layer for each block, and a shift for each layer whatever it is tied to. */
const mlpParameters = (blocks: number, layers = LAYERS): number =>
  FEATURES * WIDTH + (WIDTH + 1) + blocks * (WIDTH + WIDTH ** 2 + WIDTH) + layers * WIDTH;

interface Metric {
  readonly name: string;
  readonly better: string;
}

interface Trial {
  readonly controller: string;
  readonly outcome: string;
  readonly steps: number;
  readonly tieMap: readonly number[];
  readonly losses: readonly unknown[];
  readonly unit: string;
  readonly metrics: readonly Metric[];
  readonly validation: Readonly<Record<string, number>>;
  readonly test: Readonly<Record<string, number>>;
  readonly ledger: { readonly uniqueParameters: number; readonly trainableParameters: number };
  readonly config: {
    readonly model: { readonly options: Readonly<Record<string, unknown>> };
    readonly optimizer: { readonly options: Readonly<Record<string, unknown>> };
  };
}

const asked = async <T>(installed: Installed, ...args: string[]): Promise<T> =>
  JSON.parse((await installed.ligature(...args)).stdout) as T;

/** @returns one line on what came out */
export async function useEveryKind(installed: Installed): Promise<string> {
  const tests = await passContracts(installed);
  const whole = await trainTheirs(installed);
  await goOn(installed, whole);
  await measureAgain(installed, whole);
  await mix(installed);
  await compare(installed);
  await sweep(installed);
  await study(installed);
  return `${tests} tests of contracts, ${(100 * explained(whole)).toFixed(1)} % of the variance explained, ${whole.tieMap.join('-')}`;
}

/** The contract suites, in node:test: for what the package offers, and for twins that are broken on purpose. */
async function passContracts(installed: Installed): Promise<number> {
  const { stdout } = await installed.node(join('node_modules', 'ligature-outside', 'contracts.test.mjs'));
  const count = (what: string): number => Number(new RegExp(`^\\S+ ${what} (\\d+)$`, 'm').exec(stdout)?.[1]);
  assert.equal(count('fail'), 0, stdout);
  for (const rule of [
    'rows-independent',
    'pure',
    'weight-honest',
    'resumes',
    'starts-neutral',
    'record-phase',
  ])
    assert.match(stdout, new RegExp(`: \\w+ breaks ${rule}$|: \\w+ breaks ${rule} `, 'm'));
  return count('pass');
}

const explained = ({ test }: Trial): number => test['explained'] as number;

/** Better than the mean of all targets, which explains nothing, and not perfect, because there is noise. */
function assertLearnt(trial: Trial, layers = LAYERS): void {
  assert.equal(trial.outcome, 'completed');
  assert.equal(trial.steps, STEPS);
  assert.equal(trial.unit, 'rows');
  assert.deepEqual(
    trial.metrics.map(({ name, better }) => `${name}: ${better}`),
    ['explained: higher', 'meanSquaredError: lower'],
  );
  // Of nats and perplexity there is nothing.
  for (const measured of [trial.test, trial.validation])
    assert.deepEqual(Object.keys(measured).sort(), ['explained', 'meanSquaredError']);
  assert.ok(explained(trial) > 0.5 && explained(trial) < 1, `${explained(trial)} is explained`);
  assert.equal(trial.ledger.uniqueParameters, mlpParameters(new Set(trial.tieMap).size, layers));
}

const random = (name: string, stopAfter: string): string[] => [
  ...['train', ...REGRESSION, '--span', '0.4', '--controller', 'random', '--name', name],
  ...['--record', `loss-lines,interrupt:step=${stopAfter}`],
];

const inRun = (installed: Installed, name: string, ...path: string[]): string =>
  join(installed.folder, 'runs', name, ...path);

/** Their task on their model with their optimizer, and a flag that their model brought. */
async function trainTheirs(installed: Installed): Promise<Trial> {
  const whole = await asked<Trial>(installed, ...random('whole', 'null'));
  assertLearnt(whole);
  assert.deepEqual(whole.config.model.options, { layers: LAYERS, width: WIDTH, span: 0.4 });
  const lines = readFileSync(inRun(installed, 'whole', 'loss-lines.txt'), 'utf8')
    .trim()
    .split('\n');
  assert.deepEqual(
    lines.map((line) => Number(line.split(' ')[0])),
    Array.from({ length: STEPS }, (_, index) => index + 1),
  );
  const written = JSON.parse(readFileSync(inRun(installed, 'whole', 'result.json'), 'utf8')) as Trial;
  assert.deepEqual(written.test, whole.test);
  return whole;
}

/** A run that was asked to end in the middle of a window ends, once it goes on, as the one that was not. */
async function goOn(installed: Installed, whole: Trial): Promise<void> {
  // 143: stopped by a request to end.
  await assert.rejects(installed.ligature(...random('halves', '23')), /ended with status 143:/);
  const stopped = inRun(installed, 'halves', 'loss-lines.txt');
  const before = readFileSync(stopped, 'utf8').trim().split('\n').length;
  assert.ok(before >= 23 && before < STEPS, `stopped after ${before} steps`);
  const halves = await asked<Trial>(installed, 'resume', join('runs', 'halves'), ...PLUGINS, '--json');
  for (const part of ['outcome', 'steps', 'tieMap', 'losses', 'validation', 'test', 'ledger'] as const)
    assert.deepEqual(halves[part], whole[part], part);
  for (const file of ['loss-lines.txt', join('checkpoints', `step-0000${STEPS}`, 'model.safetensors')])
    assert.ok(
      readFileSync(inRun(installed, 'halves', file)).equals(readFileSync(inRun(installed, 'whole', file))),
      `${file} of the run that went on`,
    );
}

/** Of a finished run: what it measured, and its page. */
async function measureAgain(installed: Installed, whole: Trial): Promise<void> {
  const run = join('runs', 'whole');
  const { metrics } = await asked<{ metrics: Trial['test'] }>(
    installed,
    'evaluate',
    run,
    ...PLUGINS,
    '--json',
  );
  assert.deepEqual(metrics, whole.test);
  const page = join(installed.folder, 'page.html');
  await installed.ligature('report', run, ...PLUGINS, '--out', page);
  const text = readFileSync(page, 'utf8').toLowerCase();
  for (const said of ['explained variance', explained(whole).toFixed(3)])
    assert.ok(text.includes(said), `the page says ${said}`);
  // The configuration names a reward, which this controller does not ask for.
  const spoken = text.replaceAll('log-perplexity-improvement', '');
  assert.ok(!/\bperplexity\b|\bnats\b/.test(spoken), 'the page speaks of no language');
}

/** Theirs with ours: a classification on GPT-2, and a language model with two adapters, one of each. */
async function mix(installed: Installed): Promise<void> {
  const tiny = ['--width', '8', '--heads', '2', '--controller', 'none', '--layers', '2'];
  const majority = await asked<Trial>(
    installed,
    ...['train', ...COMMON, ...RATE, ...tiny, '--task', 'majority', '--steps', '80', '--batch', '16'],
    ...['--context', '8'],
  );
  // A guess is right in half of the cases.
  assert.ok((majority.test['accuracy'] as number) > 0.8, `${majority.test['accuracy']} are right`);
  assert.deepEqual(Object.keys(majority.test), ['accuracy']);
  // Each block 12w² + 13w, embeddings of two tokens and eight positions, a norm, a score for each of two classes.
  const gpt2 = (tokens: number, positions: number): number =>
    2 * (12 * 64 + 13 * 8) + (tokens + positions) * 8 + 2 * 8;
  assert.equal(majority.ledger.uniqueParameters, gpt2(2, 8) + 2 * 8);

  const chapters = Array.from(
    { length: 120 },
    (_, i) => `Chapter ${i}. It was ${i * 7 + 1} fathoms long.\n\n`,
  );
  writeFileSync(join(installed.folder, 'book.txt'), chapters.join(''));
  const text = await asked<Trial>(
    installed,
    ...['train', ...COMMON, ...tiny, '--dataset', 'book.txt', '--tokenizer', 'byte', '--context', '16'],
    ...[
      '--batch',
      '2',
      '--steps',
      '6',
      '--window',
      '2',
      '--set',
      'adapters=[{name: lora, options: {rank: 2}}, gain]',
    ],
  );
  // Both begin neutral, so a few steps leave it near a guess among 256 bytes.
  assert.ok((text.test['nats'] as number) > 4 && (text.test['nats'] as number) < Math.log(256));
  const matrices = [
    [8, 24],
    [8, 8],
    [8, 32],
    [32, 8],
  ] as const;
  const own = matrices.reduce((sum, [rows, columns]) => sum + 2 * (rows + columns) + columns, 0);
  assert.equal(text.ledger.trainableParameters, 2 * own, 'the adapters of two layers');
  assert.equal(text.ledger.uniqueParameters, gpt2(256, 16) + 2 * own);
}

interface Comparison {
  readonly failed: readonly unknown[];
  readonly trials: readonly Trial[];
  readonly verdict: string | { readonly text: string };
}

/** Their task decides which controller is best; who carries the trials out changes nothing. */
async function compare(installed: Installed): Promise<void> {
  const command = ['compare', ...REGRESSION, '--controllers', 'none,all-tied'];
  const apart = await asked<Comparison>(installed, ...command, '--name', 'apart');
  const careful = await asked<Comparison>(
    installed,
    ...command,
    '--name',
    'careful',
    '--executor',
    'careful',
  );
  assert.deepEqual(apart.failed, []);
  assert.deepEqual(
    apart.trials.map(({ tieMap }) => tieMap),
    [
      [0, 1, 2],
      [0, 0, 0],
    ],
  );
  for (const [index, trial] of apart.trials.entries()) {
    assertLearnt(trial);
    assert.deepEqual(careful.trials[index]?.test, trial.test);
    assert.deepEqual(careful.trials[index]?.losses, trial.losses);
    const diary = (name: string): string => inRun(installed, name, `${trial.controller}-seed-1`, 'diary.txt');
    assert.equal(readFileSync(diary('careful'), 'utf8'), 'began\n');
    assert.ok(!existsSync(diary('apart')));
  }
  // The test split chooses nothing: what is called the best is that of the validation split.
  const chosenBy = ({ validation }: Trial): number => validation['explained'] as number;
  const best = apart.trials.reduce((one, other) => (chosenBy(other) > chosenBy(one) ? other : one));
  const verdict = JSON.stringify(apart.verdict);
  assert.match(verdict, new RegExp(`${best.controller} has the highest validation explained variance`));
}

interface Sweep {
  readonly objective: { readonly metric: string; readonly goal: string };
  readonly rows: readonly {
    readonly values: readonly number[];
    readonly validation: { readonly mean: number };
  }[];
}

/** Options of their model and of their optimizer, ranked by their metric in its direction. */
async function sweep(installed: Installed): Promise<void> {
  const { objective, rows } = await asked<Sweep>(
    installed,
    ...['sweep', ...REGRESSION, '--controller', 'none', '--executor', 'in-process'],
    ...['--vary', 'span=0.05,0.4', '--vary', 'optimizer.momentum=0,0.9'],
  );
  assert.deepEqual(objective, { metric: 'validation.explained', goal: 'maximize' });
  assert.deepEqual(rows.map(({ values }) => values.join(' ')).sort(), [
    '0.05 0',
    '0.05 0.9',
    '0.4 0',
    '0.4 0.9',
  ]);
  const found = rows.map(({ validation }) => validation.mean);
  assert.deepEqual(
    found,
    [...found].sort((a, b) => b - a),
    'the best comes first',
  );
}

interface Depths {
  readonly failed: readonly unknown[];
  readonly rows: readonly { readonly layers: number; readonly value: number }[];
  readonly best: { readonly layers: number; readonly value: number };
}

async function study(installed: Installed): Promise<void> {
  const command = ['study', 'depths', ...REGRESSION, '--controller', 'none', '--name', 'depths'];
  const { failed, rows, best } = await asked<Depths>(installed, ...command, '--from', '1', '--to', '2');
  assert.deepEqual(failed, []);
  assert.deepEqual(
    rows.map(({ layers }) => layers),
    [1, 2],
  );
  assert.equal(best.value, Math.max(...rows.map(({ value }) => value)));
  for (const { layers, value } of rows) {
    const file = inRun(installed, 'depths', `layers-${layers}-seed-1`, 'result.json');
    const trial = JSON.parse(readFileSync(file, 'utf8')) as Trial;
    assertLearnt(trial, layers);
    assert.equal(value, explained(trial));
  }
  assert.match(readFileSync(inRun(installed, 'depths', 'report.html'), 'utf8'), /How deep a stack has to be/);
}

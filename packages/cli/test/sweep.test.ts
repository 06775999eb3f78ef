/** `ligature sweep`: what people write, every configuration checked before anything runs, one folder that can grow. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runConfigSchema, stackLayers, type TieMap } from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';
import type { PlannedTrial, TrialResult } from '@ligature/core';
import { sweepFieldsOf as fieldsOf, type Sweep, type SweepDimension } from '@ligature/studies';
import { describe, expect, it } from 'vitest';
import { createHost } from '../src/builtins.js';
import { run } from '../src/index.js';
import { studyTools } from '../src/commands/study-tools.js';
import { settledConfig } from '../src/config/settle.js';
import { ledger } from './events.js';
import { fakeIo, type ExecuteTrial, type FakeIo } from './fake-io.js';

/** A loss that is known beforehand: best at window 10 and a learning rate of 1e-2. */
function result({ label, seed, config }: PlannedTrial, folder: string): TrialResult {
  const { window } = config.tying;
  const nats = 2 + Math.abs(window - 10) / 10 + 1.5 * Math.abs(Math.log10(config.training.learningRate) + 2);
  const tieMap: TieMap = Array.from({ length: stackLayers(config) }, (_, layer) => layer);
  const metrics = { nats: nats + seed / 100, perplexity: Math.exp(nats), bitsPerByte: nats, accuracy: 0.25 };
  return {
    ...LANGUAGE_MODEL,
    ...{ controller: label, seed, steps: 4, tokens: 256, validation: metrics, test: metrics },
    ...{ ledger: ledger(tieMap), tieMap, tieMaps: [{ step: 0, window: 0, tieMap }] },
    ...{ losses: [{ step: 1, loss: 5 }], diagnostics: [], memory: { backendBytes: 1e6, residentBytes: 1e8 } },
    ...{ tokensPerSecond: 640, trainingSeconds: 1, summary: {}, outcome: 'completed', folder, config },
    data: {
      vocabularySize: 256,
      trainingTokens: 9000,
      validationTokens: 500,
      testTokens: 500,
      splits: 'derived',
    },
    backend: { name: 'cpu', version: '1', detail: 'made up' },
  };
}

/** Trials that take no time, written as finished ones are; `ran` are their folders. */
function trials(ran: string[] = []): ExecuteTrial {
  return async (plan, folder) => {
    ran.push(plan.id);
    const { mkdir, writeFile } = await import('node:fs/promises');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'result.json'), JSON.stringify(result(plan, folder)));
    return result(plan, folder);
  };
}

const small = ['--backend', 'cpu', '--tokenizer', 'byte', '--layers', '2'];
const call = async (argv: string[], io: FakeIo = fakeIo({ executeTrial: trials() })) => ({
  io,
  status: await run(argv, io),
  out: io.out(),
  err: io.err(),
});
const readSweep = (io: FakeIo): Sweep =>
  JSON.parse(readFileSync(join(io.cwd, 'runs', 'sweep-moby-dick', 'sweep.json'), 'utf8')) as Sweep;

describe('--vary', () => {
  const host = createHost();
  const config = settledConfig(runConfigSchema.parse({}), host);
  const read = (vary: Record<string, never> | Record<string, unknown>) =>
    fieldsOf(
      vary as Parameters<typeof fieldsOf>[0],
      config,
      studyTools(host, { written: {}, assignments: [] }, { io: fakeIo(), modelOptions: ['layers', 'width'] }),
    );
  const dimension = (key: string, written: unknown): SweepDimension | undefined =>
    read({ [key]: written })[0]?.dimension;
  const list = (...values: unknown[]): SweepDimension => ({ kind: 'list', values });
  const choice = (name: string) => ({ name, options: {} });
  const range = (low: number, high: number, rest: object = {}): SweepDimension => ({
    ...{ kind: 'range', low, high, scale: 'linear', integer: false, step: null },
    ...rest,
  });

  it.each<[string, unknown, SweepDimension]>([
    ['tying.window', '5, 10,20', list(5, 10, 20)],
    ['tying.window', '5..20', range(5, 20, { integer: true })],
    ['model.width', '8..64:8', range(8, 64, { integer: true, step: 8 })],
    ['training.learningRate', 'log:1e-4..1e-2', range(1e-4, 1e-2, { scale: 'log' })],
    // 0..1 of a number is not the two whole numbers.
    ['model.dropout', '0..0.5', range(0, 0.5)],
    ['controller.epsilon.start', '0..1', range(0, 1)],
    ['controller.hidden', 'log:8..128', range(8, 128, { scale: 'log', integer: true })],
    ['controller.replay.capacity', '100..1000', range(100, 1000, { integer: true })],
    ['training.clip', '1,null', list(1, null)],
    ['training.clip', '1..2', range(1, 2)],
    ['tying.components', '[attention],[attention,mlp]', list(['attention'], ['attention', 'mlp'])],
    ['tying.gradient', 'mean,source-only', list('mean', 'source-only')],
    ['reward', 'a:x=1,b', list({ name: 'a', options: { x: 1 } }, { name: 'b', options: {} })],
    [
      'controller',
      '0-0-2-2,none',
      list({ name: 'map', options: { map: [0, 0, 2, 2] } }, { name: 'none', options: {} }),
    ],
    ['dataset', './a.txt,../b.txt', list(choice('./a.txt'), choice('../b.txt'))],
    ['tying.window', [5, 10], list(5, 10)],
    ['tying.window', 5, list(5)],
    ['model.dropout', { low: 0, high: 0.5, scale: 'linear', step: null, integer: null }, range(0, 0.5)],
  ])('%s=%j', (key, written, expected) => {
    expect(dimension(key, written)).toEqual(expected);
  });

  it('takes the names of flags, options of choices, and gives headings that tell fields apart', () => {
    const fields = read({
      ...{
        layers: '2,4',
        window: '5,10',
        'controller.epsilon.start': '0..1',
        'optimizer.epsilon': '0.1,0.2',
      },
      'controller.learningRate': '0.1,0.2',
      'training.learningRate': '0.1,0.2',
    });
    expect(fields.map(({ path, name }) => [path, name])).toEqual([
      ['model.options.layers', 'layers'],
      ['tying.window', 'window'],
      ['controller.options.epsilon.start', 'epsilon.start'],
      ['optimizer.options.epsilon', 'epsilon'],
      ['controller.options.learningRate', 'controller.learningRate'],
      ['training.learningRate', 'training.learningRate'],
    ]);
  });

  it('knows the type of an option by the controllers that are varied', () => {
    const fields = read({ 'controller.blocks': '2..4', controller: 'random:mode=fixed' });
    expect(fields[0]).toMatchObject({ path: 'controller.options.blocks', dimension: { integer: true } });
  });
});

describe('bad input ends with status 2 before anything is written', () => {
  it.each<[string[], RegExp]>([
    [[], /none is given/],
    [['--vary', 'tying.window'], /there is no "="/],
    [['--vary', 'tying.window='], /no values after "="/],
    [['--vary', 'tying.windw=5,10'], /no field "tying\.windw" \(did you mean "window"\?\)/],
    [['--vary', 'tieing.window=5,10'], /no field "tieing" \(did you mean "tying"\?\)/],
    [['--vary', 'tying.window=5,0'], /tying\.window must be more than 0, not 0/],
    [['--vary', 'tying.window=5,5'], /the value 5 is listed twice/],
    [['--vary', 'window=5,10', '--vary', 'tying.window=5'], /tying\.window is among them twice/],
    [['--vary', 'tying.window=20..5'], /20 is not below 5/],
    [['--vary', 'training.learningRate=log:0..1'], /begins above zero/],
    [['--vary', 'tying.window=1.5..9'], /takes whole numbers/],
    [
      ['--vary', 'controller.epsilon=0.1..1'],
      /its fields are start, decay, floor[^]*controller\.epsilon\.start=0\.1\.\.1/,
    ],
    [['--vary', 'controller.epslon.start=0.1,1'], /no option "epslon" \(did you mean "epsilon"\?\)/],
    [['--vary', 'controller=none,rondom'], /configuration #2 \(controller=rondom\)[^]*Did you mean "random"/],
    [['--vary', 'width=16,30'], /configuration #2 \(width=30\)[^]*4 does not divide 30/],
    [['--vary', 'seed=1,2'], /Use --seeds/],
    [['--vary', '__proto__.x=1,2'], /no path of a field/],
    [['--vary', 'model.dropout=0..0.5', '--search', 'grid'], /--search random/],
    [['--vary', 'window=5,10', '--search', 'all'], /must be one of grid, random/],
    [['--vary', 'window=5,10', '--samples', '0'], /sweep\.samples must be more than 0/],
    [['--vary', 'window=5,10', '--objective', 'validation.nat'], /Did you mean "validation\.nats"/],
    [
      ['--vary', 'window=5,10', '--minimize', 'parameters', '--maximize', 'test.accuracy'],
      /one of --objective/,
    ],
    [['--vary', 'window=5,10', '--axes', 'layers'], /no axis of that name/],
    [['--vary', 'window=5,10', '--controllers', 'none'], /--vary controller=none/],
    [['--vary', 'window=5,10', '--seeds', '1,1'], /1 is listed twice/],
    [
      ['--vary', 'training.schedule=cosine', '--vary', 'model=1,2'],
      /no model of that name; known: bert, gpt2/,
    ],
  ])('%j', async (argv, text) => {
    const ran: string[] = [];
    const { io, status, err } = await call(
      ['sweep', ...small, ...argv],
      fakeIo({ executeTrial: trials(ran) }),
    );
    expect(err).toMatch(text);
    expect(status).toBe(2);
    expect(ran).toEqual([]);
    expect(existsSync(join(io.cwd, 'runs'))).toBe(false);
  });
});

describe('a sweep', () => {
  const grid = ['sweep', ...small, '--vary', 'window=5,10,20', '--vary', 'training.learningRate=1e-3,1e-2'];

  it('trains every combination with every seed, ranks them, and writes its files', async () => {
    const { io, status, out, err } = await call([...grid, '--seeds', '2']);
    expect(status).toBe(0);
    expect(err.replace(/\s+/g, ' ')).toContain('6 configurations, 2 seeds, 12 trials.');
    const sweep = readSweep(io);
    expect(sweep.rows[0]).toMatchObject({ values: [10, 0.01], seeds: [1, 2] });
    expect(sweep.rows[0]?.objective.mean).toBeCloseTo(2.015, 12);
    expect(sweep.rows).toHaveLength(6);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(out).toMatch(/^#\d +10 +0\.01 +2\.015 ± 0\.064/m);
    const folder = join(io.cwd, 'runs', 'sweep-moby-dick');
    for (const file of ['config.json', 'heat-map.svg', 'plan.json', 'sweep.csv', 'sweep.json', 'sweep.md']) {
      expect(readdirSync(folder)).toContain(file);
    }
    expect(readFileSync(join(folder, 'sweep.md'), 'utf8')).toContain(sweep.note);
    // What it says can be repeated, from the file alone.
    const again = await call(['sweep', '--config', join(folder, 'config.json')]);
    expect(again.status).toBe(0);
    expect(readSweep(again.io).rows.map(({ label }) => label)).toEqual(sweep.rows.map(({ label }) => label));
  });

  it('reads the same from a file, and flags win over it', async () => {
    const io = fakeIo({ executeTrial: trials() });
    const file = join(io.cwd, 'sweep.yaml');
    const lines = [
      'backend: cpu',
      'tokenizer: byte',
      'model: { layers: 2 }',
      'sweep:',
      '  vary:',
      '    tying.window: [5, 10]',
      '    training.learningRate: { low: 1e-3, high: 1e-1, scale: log }',
      '    controller: [none, "cycle:blocks=2"]',
      '  samples: 50',
      '  objective: parameters',
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    const { status } = await call(['sweep', '--config', file, '--samples', '5', '--seeds', '7,9'], io);
    expect(status).toBe(0);
    const sweep = readSweep(io);
    expect(sweep).toMatchObject({ search: 'random', seeds: [7, 9], configurations: 5 });
    expect(sweep.objective).toEqual({ metric: 'parameters', goal: 'minimize' });
    expect(sweep.fields.map(({ path }) => path)).toEqual([
      'tying.window',
      'training.learningRate',
      'controller',
    ]);
  });

  it('applies what a profile says below the varied fields', async () => {
    const { io, status } = await call(['sweep', ...small, '--vary', 'tying.profile=clean,official']);
    expect(status).toBe(0);
    const configOf = (id: string) =>
      JSON.parse(
        readFileSync(join(io.cwd, 'runs', 'sweep-moby-dick', `${id}-seed-1`, 'result.json'), 'utf8'),
      ) as TrialResult;
    expect(configOf('001').config.tying.gradient).toBe('accumulate');
    expect(configOf('002').config).toMatchObject({
      tying: { gradient: 'source-only' },
      reward: { name: 'negative-perplexity' },
    });
    // What is varied is no part of a trial: else growing would train it again.
    expect(configOf('001').config).not.toHaveProperty('sweep');
  });

  it('goes on after a trial that failed, which alone is run when it is resumed; the rest is as it was', async () => {
    const ran: string[] = [];
    let failing = true;
    const executeTrial: ExecuteTrial = (plan, ...rest) =>
      failing && plan.id === '002-seed-1'
        ? Promise.reject(new Error('out of luck'))
        : trials(ran)(plan, ...rest);
    const io = fakeIo({ executeTrial });
    expect(await run(grid, io)).toBe(1);
    expect(io.out()).toContain('failed #2 window=5 learningRate=0.01, seed 1: out of luck');
    expect(ran).toHaveLength(5);
    failing = false;
    ran.length = 0;
    expect(await run(['resume', 'runs/sweep-moby-dick', '--quiet'], io)).toBe(0);
    expect(ran).toEqual(['002-seed-1']);
    expect(readSweep(io)).toMatchObject({ configurations: 6, failed: [], unfinished: 0 });
  });

  it('that drew at random grows by samples and seeds, and keeps what it has', async () => {
    const ran: string[] = [];
    const io = fakeIo({ executeTrial: trials(ran) });
    const argv = [
      'sweep',
      ...small,
      '--vary',
      'training.learningRate=log:1e-4..1e-1',
      '--vary',
      'window=1..40',
    ];
    expect(await run([...argv, '--samples', '3'], io)).toBe(0);
    const before = readSweep(io);
    ran.length = 0;
    expect(await run(['resume', 'runs/sweep-moby-dick', '--samples', '5', '--seeds', '2'], io)).toBe(0);
    expect(ran).toEqual([
      '004-seed-1',
      '005-seed-1',
      ...['1', '2', '3', '4', '5'].map((id) => `00${id}-seed-2`),
    ]);
    const byId = (sweep: Sweep) => [...sweep.rows].sort((a, b) => a.id - b.id).map(({ values }) => values);
    expect(byId(readSweep(io)).slice(0, 3)).toEqual(byId(before));
    // As if it had been asked for from the start.
    const whole = fakeIo({ executeTrial: trials() });
    expect(await run([...argv, '--samples', '5', '--seeds', '2'], whole)).toBe(0);
    expect(byId(readSweep(whole))).toEqual(byId(readSweep(io)));
    expect(readSweep(whole).note).toBe(readSweep(io).note);
    for (const [flags, text] of [
      [['--samples', '4'], 'it has 5 configurations already'],
      [['--seeds', '1'], 'seed 2 is trained already'],
    ] as const) {
      const err = io.err().length;
      expect(await run(['resume', 'runs/sweep-moby-dick', ...flags], io)).toBe(2);
      expect(io.err().slice(err)).toContain(text);
    }
  });

  it('has a help that fits into 80 columns', async () => {
    const { out } = await call(['sweep', '--help']);
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    for (const flag of ['vary', 'search', 'samples', 'objective', 'minimize', 'maximize', 'axes']) {
      expect(out).toMatch(new RegExp(`^ {2}--${flag}\\b`, 'm'));
    }
  });
});

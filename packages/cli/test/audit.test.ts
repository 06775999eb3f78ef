/** `ligature audit`: what it lists, refuses, prints and leaves behind. What audits find is tested where they are. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LANGUAGE_MODEL } from '@ligature/run';
import type { PlannedTrial, RunConfig, TrialResult } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { run } from '../src/index.js';
import { ledger } from './events.js';
import { fakeIo, type ExecuteTrial, type FakeOptions } from './fake-io.js';

/** As if a fixed map had been trained. */
const trained: ExecuteTrial = (plan: PlannedTrial, folder) => {
  const tieMap = plan.config.controller.options['map'] as number[];
  const own = ledger(tieMap);
  const blocks = new Set(tieMap).size;
  const metrics = { nats: 2 };
  return Promise.resolve({
    ...{
      controller: 'map',
      seed: plan.seed,
      ...LANGUAGE_MODEL,
      steps: 6,
      tokens: 6,
      outcome: 'completed',
      folder,
    },
    ...{ validation: metrics, test: metrics, summary: {}, tieMap, tieMaps: [], losses: [], diagnostics: [] },
    ledger: {
      ...own,
      bytes: { weights: 4e3 * blocks, gradients: 4e3 * blocks, moments: 8e3 * blocks, activations: 9e4 },
    },
    memory: { backendBytes: 12e3 * blocks, residentBytes: 1e8 },
    ...{ tokensPerSecond: 9, trainingSeconds: 1, data: {}, config: plan.config },
    backend: { name: 'cpu', version: '1', detail: 'made up' },
  } as unknown as TrialResult);
};

const call = async (argv: string[], options: FakeOptions = {}) => {
  const io = fakeIo({ executeTrial: trained, ...options });
  const status = await run(['audit', ...argv], io);
  return { io, status, out: io.out(), err: io.err() };
};

const NAMES = ['storages', 'random-ratio', 'rewards', 'gradients', 'memory'];

describe('ligature audit', () => {
  it('lists the audits, within 80 columns', async () => {
    for (const argv of [[], ['--list'], ['--help']]) {
      const { status, out } = await call(argv);
      expect(status).toBe(0);
      for (const name of NAMES) expect(out).toContain(name);
      for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    }
    const { out } = await call(['--list', '--json']);
    expect((JSON.parse(out) as { name: string }[]).map(({ name }) => name)).toEqual(NAMES);
  });

  it.each<[string[], string]>([
    [['storage'], 'Did you mean "storages"?'],
    [['random-ratio', '--steps', '5'], 'it trains nothing'],
    [['random-ratio', '--layers', '4,1'], '--layers must be at least 2'],
    [['random-ratio', '--seeds', '0'], '--seeds must be at least 1'],
    [['memory', '--controller', 'none'], 'Leave out --controller'],
    [['gradients', '--sweeps', '3'], 'Leave out --sweeps'],
    [['storages', '--set', 'tying.profile=clean'], 'there the log says what there is'],
    [['rewards', '--layers', '1'], 'one layer cannot be tied'],
  ])('%j is bad input and leaves nothing behind', async (argv, text) => {
    const { io, status, err } = await call(argv);
    expect(status).toBe(2);
    expect(err).toContain(text);
    expect(readdirSync(io.cwd).filter((name) => name !== 'cache')).toEqual([]);
  });

  it('replays random actions and writes its files', async () => {
    const { io, status, out } = await call([
      'random-ratio',
      '--layers',
      '3,4',
      '--seeds',
      '8',
      '--sweeps',
      '2',
    ]);
    expect(status).toBe(0);
    const folder = join(io.cwd, 'runs', 'audit-random-ratio');
    const csv = readFileSync(join(folder, 'audit-random-ratio.csv'), 'utf8').trim().split('\n');
    expect(csv).toHaveLength(3);
    // H_3 = 11/6.
    expect(Number(csv[1]?.split(',')[1])).toBeCloseTo(11 / 6, 12);
    expect(readFileSync(join(folder, 'audit-random-ratio.svg'), 'utf8')).toContain('harmonic number');
    const page = readFileSync(join(folder, 'audit-random-ratio.md'), 'utf8');
    expect(page).toContain('ligature audit random-ratio --layers 3,4 --seeds 8 --seed 1 --sweeps 2');
    expect(out).toContain('1.83');
    for (const line of out.split('\n').filter((one) => !one.includes('audit-random-ratio')))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  it('trains one map for each number of blocks, and can be asked again', async () => {
    const { io, status, out } = await call(['memory', '--layers', '3', '--seeds', '1', '--json']);
    expect(status).toBe(0);
    const report = JSON.parse(out) as { finding: string; tables: { rows: number[][] }[] };
    expect(report.tables[0]?.rows.map(([blocks]) => blocks)).toEqual([3, 2, 1]);
    expect(report.finding).toContain('It does NOT save activations');
    const folder = join(io.cwd, 'runs', 'audit-memory');
    for (const name of ['audit-memory.md', 'audit-memory.svg', 'audit-memory-runs.csv', 'config.json'])
      expect(existsSync(join(folder, name)), name).toBe(true);
    expect(await run(['resume', folder, '--quiet'], io)).toBe(0);
  });

  it('prints the configuration with the defaults of the audit', async () => {
    const { out } = await call(['storages', '--layers', '5', '--print-config', '--json']);
    const { model, tying, training } = JSON.parse(out) as RunConfig;
    expect([model.options['layers'], model.options['width'], tying.profile]).toEqual([5, 16, 'official']);
    // Twenty episodes of four decisions, four steps each; the rate is that of the official code.
    expect([training.steps, training.learningRate]).toEqual([320, 1e-4]);
  });
});

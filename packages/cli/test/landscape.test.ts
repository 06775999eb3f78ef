/** `ligature landscape` and `ligature retrain`: what they plan, refuse, print and leave behind; training is made up. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LANGUAGE_MODEL } from '@ligature/run';
import type { PlannedTrial, TrialResult } from '@ligature/core';
import type { Landscape, RetrainedSources, Retraining } from '@ligature/studies';
import { describe, expect, it } from 'vitest';
import { run } from '../src/index.js';
import { ledger } from './events.js';
import { fakeIo, type ExecuteTrial, type FakeOptions } from './fake-io.js';

/** As if the map had been trained; each seed has a level of its own, and a block less costs a quarter of a nat. */
const trained: ExecuteTrial = (plan: PlannedTrial, folder) => {
  const literal = plan.config.controller.options['map'] as number[] | undefined;
  const tieMap = literal ?? [0, 1, 1];
  const blocks = new Set(tieMap).size;
  const metrics = { nats: 5 - 0.25 * blocks + plan.seed + (literal ? 0 : 0.01 * plan.seed) };
  return Promise.resolve({
    ...{
      controller: plan.label,
      seed: plan.seed,
      ...LANGUAGE_MODEL,
      steps: 6,
      tokens: 6,
      outcome: 'completed',
      folder,
    },
    ...{ validation: metrics, test: metrics, summary: {}, tieMap, tieMaps: [], losses: [], diagnostics: [] },
    ...{ ledger: ledger(tieMap), memory: { backendBytes: 1e6, residentBytes: 1e8 } },
    ...{ tokensPerSecond: 9, trainingSeconds: 1, data: { vocabularySize: 256 }, config: plan.config },
    backend: { name: 'cpu', version: '1', detail: 'made up' },
  } as unknown as TrialResult);
};

const call = async (argv: string[], options: FakeOptions = {}) => {
  const io = fakeIo({ executeTrial: trained, ...options });
  const status = await run(argv, io);
  return { io, status, out: io.out(), err: io.err() };
};

const oneLine = (text: string): string => text.replace(/\s+/g, ' ');

const small = ['--backend', 'cpu', '--tokenizer', 'byte', '--layers', '3'];

describe('ligature landscape', () => {
  it('trains every map of the stack and the controllers, and leaves tables and pictures', async () => {
    const { io, status, out, err } = await call([
      ...['landscape', ...small, '--seeds', '2', '--controllers', 'random', '--name', 'l'],
    ]);
    expect(status).toBe(0);
    expect(err).toContain('Training all 5 tie maps and 1 controller');
    expect(oneLine(err)).toContain('2 seeds, 12 trials');
    expect(oneLine(out)).toContain('0-1-2 has the lowest mean validation loss');
    const folder = join(io.cwd, 'runs', 'l');
    for (const name of [
      'landscape.md',
      'landscape.csv',
      'stability.csv',
      'regret.csv',
      'pareto.svg',
      'ranking.svg',
    ])
      expect(existsSync(join(folder, name)), name).toBe(true);
    const found = JSON.parse(readFileSync(join(folder, 'landscape.json'), 'utf8')) as Landscape;
    expect(found.maps.map(({ blocks }) => blocks)).toEqual([3, 2, 2, 2, 1]);
    expect(found.controllers[0]?.seeds.map(({ againstAsSmall }) => againstAsSmall?.toFixed(2))).toEqual([
      ...['0.01', '0.02'],
    ]);
  });

  it('takes 4 layers where none are given, and keeps to the numbers of blocks and maps that are', async () => {
    const four = await call(['landscape', '--backend', 'cpu', '--tokenizer', 'byte', '--json']);
    expect((JSON.parse(four.out) as Landscape).maps).toHaveLength(15);
    const some = ['landscape', ...small, '--layers', '5', '--blocks', '2-3,5', '--max-maps', '7', '--json'];
    const { space } = JSON.parse((await call(some)).out) as Landscape;
    expect(space).toEqual({ all: '52', maps: 7, blocks: [2, 3, 5], sampled: true });
  });

  it.each<[string[], string]>([
    [['--layers', '8'], 'say --yes'],
    [['--layers', '30'], 'at most 24 layers'],
    [['--blocks', '4'], 'from 1 to 3 blocks'],
    [['--blocks', '0'], 'such as 2,3 or 2-4'],
    [['--blocks', '2.5'], 'such as 2,3 or 2-4'],
    [['--max-maps', '1'], 'from 2 on'],
    [['--controller', 'none'], 'Leave out --controller'],
    [['--controllers', '0-0-0'], '"0-0-0" is listed twice'],
  ])('%j is bad input and leaves nothing behind', async (argv, text) => {
    const { io, status, err } = await call(['landscape', ...small, ...argv]);
    expect(status).toBe(2);
    expect(err).toContain(text);
    expect(existsSync(join(io.cwd, 'runs'))).toBe(false);
  });
});

describe('ligature retrain', () => {
  it('reads a run, trains its map again beside others, and can be resumed', async () => {
    const io = fakeIo({ executeTrial: trained });
    writeFileSync(join(io.cwd, 'text.txt'), 'The whale is a fish, and the sea is wide.\n\n'.repeat(120));
    const tiny = [
      '--width',
      '8',
      '--heads',
      '2',
      '--context',
      '8',
      '--batch',
      '2',
      '--steps',
      '2',
      '--quiet',
    ];
    const train = [
      'train',
      ...small,
      ...tiny,
      '--dataset',
      './text.txt',
      '--controller',
      '0-0-2',
      '--name',
      'r',
    ];
    expect(await run(train, io)).toBe(0);
    const before = readdirSync(join(io.cwd, 'runs', 'r'));
    expect(await run(['retrain', 'runs/r', '--seeds', '2', '--random-maps', '9', '--quiet'], io)).toBe(0);
    expect(readdirSync(join(io.cwd, 'runs', 'r'))).toEqual(before);
    const folder = join(io.cwd, 'runs', 'retrain-r');
    const found = JSON.parse(readFileSync(join(folder, 'retraining.json'), 'utf8')) as Retraining;
    // The other two maps of three layers with two blocks.
    expect(found.rows.map(({ label }) => label).sort()).toEqual([
      ...['continued', 'found', 'found-long', 'random 0-1-0', 'random 0-1-1'],
    ]);
    expect(found.run).toMatchObject({ controller: '0-0-2', seed: 1, steps: 2, budget: 2 });
    expect(found.seeds).toEqual([1, 2]);
    expect(existsSync(join(folder, 'start', 'checkpoints', 'step-000002'))).toBe(true);
    for (const name of ['retraining.md', 'retraining.csv', 'differences.csv', 'retraining.svg'])
      expect(existsSync(join(folder, name)), name).toBe(true);
    // Made-up trials leave no results, so all of them are run again: to the same table.
    expect(await run(['resume', 'runs/retrain-r', '--quiet'], io)).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'retraining.json'), 'utf8'))).toEqual(found);
  }, 30_000);

  it('takes several runs of one controller together, and refuses those that differ', async () => {
    const io = fakeIo({ executeTrial: trained });
    writeFileSync(join(io.cwd, 'text.txt'), 'The whale is a fish, and the sea is wide.\n\n'.repeat(120));
    const tiny = '--width 8 --heads 2 --context 8 --batch 2 --steps 2 --quiet --dataset ./text.txt'.split(
      ' ',
    );
    for (const [name, seed, map] of [
      ['a', '1', '0-0-2'],
      ['b', '2', '0-0-2'],
      ['c', '2', '0-1-1'],
    ] as const) {
      const own = ['--seed', seed, '--controller', map, '--name', name];
      expect(await run(['train', ...small, ...tiny, ...own], io), io.err()).toBe(0);
    }
    const both = ['retrain', 'runs/a', 'runs/b', '--seeds', '2', '--random-maps', '1', '--quiet'];
    expect(await run(both, io), io.err()).toBe(0);
    const folder = join(io.cwd, 'runs', 'retrain-0-0-2-2-sources');
    const found = JSON.parse(readFileSync(join(folder, 'retraining.json'), 'utf8')) as RetrainedSources;
    expect(found.sources.map(({ run: { folder: of, seed }, seeds }) => [of, seed, seeds])).toEqual([
      ['runs/a', 1, [3, 4]],
      ['runs/b', 2, [5, 6]],
    ]);
    expect(found.sources.map(({ rows }) => rows.length)).toEqual([4, 4]);
    for (const name of ['start-1', 'start-2', 'sources.csv', 'differences.csv', 'retraining.csv'])
      expect(existsSync(join(folder, name)), name).toBe(true);
    expect(await run(['resume', 'runs/retrain-0-0-2-2-sources', '--quiet'], io)).toBe(0);
    expect(JSON.parse(readFileSync(join(folder, 'retraining.json'), 'utf8'))).toEqual(found);
    for (const [argv, text] of [
      [['runs/a', 'runs/c'], 'they differ in controller: 0-0-2 and 0-1-1'],
      [['runs/a', 'runs/a'], 'both have the seed 1'],
      [['runs/a', 'runs/b', '--seeds', '1,2'], 'runs that share seeds are not independent'],
      [['runs/retrain-0-0-2-2-sources'], 'it is a retraining'],
    ] as const) {
      expect(await run(['retrain', ...argv, '--quiet'], io)).toBe(2);
      expect(io.err()).toContain(text);
    }
  }, 60_000);

  it.each<[string[], string]>([
    [['runs/none'], 'there is no folder of that name'],
    [['.'], 'it has no checkpoint'],
    [['.', '--random-maps', '-1'], '--random-maps must be at least 0'],
  ])('%j is bad input', async (argv, text) => {
    const { status, err } = await call(['retrain', ...argv]);
    expect(status).toBe(2);
    expect(err).toContain(text);
  });
});

it.each(['landscape', 'retrain'])('the help of %s fits into 80 columns and has examples', async (command) => {
  const { status, out } = await call([command, '--help']);
  expect(status).toBe(0);
  expect(out).toContain(`ligature ${command}`);
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

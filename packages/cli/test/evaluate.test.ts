/** `evaluate` of several runs and of studies: a line for each run and way of storing it. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEvaluation } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import { run } from '../src/index.js';
import { fakeIo, type FakeIo } from './fake-io.js';

const TEXT = Array.from({ length: 60 }, (_, i) => `Line ${i} and ${i + 1} make ${2 * i + 1}.\n\n`).join('');
const small = [
  ...['--dataset', 'text.txt', '--tokenizer', 'byte', '--backend', 'cpu', '--layers', '2', '--width', '8'],
  ...['--heads', '2', '--context', '8', '--batch', '2', '--window', '1', '--steps', '2', '--quiet'],
  ...['--set', 'evaluation.final.batches=all'],
];

async function withStudy(): Promise<FakeIo> {
  const io = fakeIo();
  writeFileSync(join(io.cwd, 'text.txt'), TEXT);
  const controllers = ['--controllers', 'none,all-tied', '--executor', 'in-process', '--name', 'two'];
  expect(await run(['compare', ...small, ...controllers], io), io.err()).toBe(0);
  return io;
}

const said = async (io: FakeIo, argv: string[]): Promise<string> => {
  const before = io.out().length;
  expect(await run(['evaluate', ...argv, '--quiet'], io), io.err()).toBe(0);
  return io.out().slice(before);
};

describe('evaluate', () => {
  it('of a study writes a line for each of its trials and each rounding', async () => {
    const io = await withStudy();
    const text = await said(io, ['runs/two', '--round', 'none,int8', '--csv', 'front.csv']);
    expect(text).toContain('Written: front.csv');
    expect(text).toContain('unigram floor');
    const [heading = [], ...rows] = readFileSync(join(io.cwd, 'front.csv'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const column = (name: string): string[] => rows.map((row) => row[heading.indexOf(name)] as string);
    expect(column('run')).toEqual([
      ...['runs/two/all-tied-seed-1', 'runs/two/all-tied-seed-1'],
      ...['runs/two/none-seed-1', 'runs/two/none-seed-1'],
    ]);
    expect(column('controller')).toEqual(['all-tied', 'all-tied', 'none', 'none']);
    expect(column('rounding')).toEqual(['none', 'int8', 'none', 'int8']);
    const bytes = column('stored_bytes').map(Number) as [number, number, number, number];
    expect(bytes[0]).toBeLessThan(bytes[2]);
    expect(bytes[1]).toBeLessThan(0.6 * bytes[0]);
    expect(bytes[3]).toBeLessThan(0.6 * bytes[2]);
    for (const key of ['bits_per_byte', 'unigram_floor_bits_per_byte', 'bigram_floor_nats']) {
      for (const value of column(key)) expect(Number(value)).toBeGreaterThan(0);
    }
    // As the study measured it.
    const { test } = JSON.parse(readFileSync(join(io.cwd, 'runs/two/none-seed-1/result.json'), 'utf8')) as {
      test: { nats: number };
    };
    expect(Number(column('nats')[2])).toBe(test.nats);
  });

  it('of one run prints what it always did as JSON, of several a list', async () => {
    const io = await withStudy();
    const [none, tied] = ['runs/two/none-seed-1', 'runs/two/all-tied-seed-1'] as const;
    const one = JSON.parse(await said(io, [none, '--json'])) as RunEvaluation;
    expect(one).toMatchObject({ split: 'test', controller: 'none', stored: [{ rounding: 'none' }] });
    const both = JSON.parse(await said(io, [none, tied, '--json'])) as (RunEvaluation & { run: string })[];
    expect(both.map(({ run: name }) => name)).toEqual([none, tied]);
    expect(both[0]?.metrics).toEqual(one.metrics);
    const text = await said(io, [none, '--round', 'int8']);
    expect(text).toMatch(/Stored as int8 +\d/);
    expect(text).toContain('other numbers stay float32');
    expect(text).toContain('They need no training');
  });

  it('of a study whose models are gone says so', async () => {
    const io = await withStudy();
    for (const trial of ['none-seed-1', 'all-tied-seed-1']) {
      rmSync(join(io.cwd, 'runs/two', trial, 'checkpoints'), { recursive: true });
    }
    expect(await run(['evaluate', 'runs/two', '--csv', 'x.csv'], io)).toBe(2);
    expect(io.err()).toContain('none of them is finished and has its model still');
    expect(existsSync(join(io.cwd, 'x.csv'))).toBe(false);
  });
});

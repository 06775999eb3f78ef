/**
 * Folders of studies that were written before studies were plug-ins: plans of format 1, results that name no metrics.
 * Made by `ligature compare`, `audit memory`, `sweep`, `landscape` and `retrain` at commit dce5af3, two layers of width 8
 * on `text.txt`; the trial `random` of the comparison is as it was after two of three steps.
 */
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TrialResult } from '@ligature/core';
import type { Comparison } from '@ligature/studies';
import { describe, expect, it } from 'vitest';
import { run } from '../src/index.js';
import { fakeIo, type FakeIo, type FakeOptions } from './fake-io.js';

const BEFORE = fileURLToPath(new URL('fixtures/studies-of-before', import.meta.url));

function ioWith(study: string, options: FakeOptions = {}): FakeIo {
  const io = fakeIo(options);
  cpSync(join(BEFORE, 'text.txt'), join(io.cwd, 'text.txt'));
  cpSync(join(BEFORE, study), join(io.cwd, 'runs', study), { recursive: true });
  return io;
}

/** All trials are finished: none may be carried out again. */
const nobody: FakeOptions = {
  executeTrial: (order) => Promise.reject(new Error(`${order.id} is run again`)),
};

describe('a study of before', () => {
  it('goes on: the finished trial is taken as it is, the stopped one ends as it would have', async () => {
    const io = ioWith('compared');
    const status = await run(
      ['resume', 'runs/compared', '--executor', 'in-process', '--json', '--quiet'],
      io,
    );
    expect({ status, err: io.err() }).toEqual({ status: 0, err: '' });
    const { trials, task } = JSON.parse(io.out()) as Comparison;
    const expected = JSON.parse(readFileSync(join(BEFORE, 'expected.json'), 'utf8')) as Partial<TrialResult>;
    const random = trials.find(({ controller }) => controller === 'random');
    expect(random).toMatchObject({ ...expected, task: 'causal-lm', lossUnit: 'nats per token' });
    expect(trials.map(({ controller }) => controller)).toEqual(['none', 'random']);
    expect(task.metrics.map(({ name }) => name)).toEqual(['nats', 'perplexity', 'bitsPerByte', 'accuracy']);
  }, 60_000);

  it.each([
    ['audited', 'audit-memory'],
    ['swept', 'sweep'],
    ['scaped', 'landscape'],
    ['retrained', 'retraining'],
  ])('that is finished is summed up and shown: %s', async (study, name) => {
    const io = ioWith(study, nobody);
    // A page of it needs nothing to be run.
    expect(await run(['report', `runs/${study}`], io), io.err()).toBe(0);
    expect(await run(['resume', `runs/${study}`, '--quiet'], io), io.err()).toBe(0);
    for (const file of [`${name}.md`, `${name}.json`, 'report.html'])
      expect(existsSync(join(io.cwd, 'runs', study, file)), file).toBe(true);
    expect(io.out()).not.toContain('failed');
    expect(io.out()).not.toContain('not been run to their end');
  });
});

/** `--record` from the flag to the files, and what is in them after a run was stopped, killed and resumed. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runConfigSchema } from '@ligature/core';
import { resumeTrial, runTrial, type RunEnvironment } from '@ligature/run';
import { CSV_FILE, EVENT_FILE } from '@ligature/recorders';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHost } from '../src/builtins.js';
import { assignmentsOf } from '../src/config/flags.js';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ligature-'));
  const lines = Array.from({ length: 60 }, (_, i) => `Line ${i} says that ${i} and ${i} make ${2 * i}.\n\n`);
  writeFileSync(join(folder, 'text.txt'), lines.join(''));
});
afterAll(() => rmSync(folder, { recursive: true }));

it('names recorders with options, between commas', () => {
  expect(assignmentsOf({ record: 'tensorboard:every=10,metrics-csv' })).toEqual([
    {
      path: ['recorders'],
      value: [
        { name: 'tensorboard', options: { every: 10 } },
        { name: 'metrics-csv', options: {} },
      ],
      origin: '--record tensorboard:every=10,metrics-csv',
    },
  ]);
});

it('records the same files whether a run stops or not', async () => {
  const config = runConfigSchema.parse({
    ...{ dataset: join(folder, 'text.txt'), tokenizer: 'byte', backend: 'cpu', controller: 'random' },
    model: { layers: 3, width: 8, heads: 2, context: 8 },
    training: { steps: 8, batch: 2, warmup: 0 },
    tying: { window: 2 },
    evaluation: { every: 3, batches: 1, evaluators: [] },
    checkpoint: { every: 3, everyMinutes: null },
    recorders: ['tensorboard', { name: 'metrics-csv', options: { columns: ['validation/perplexity'] } }],
  });
  const env = (extra: Partial<RunEnvironment> = {}): RunEnvironment => ({
    // A clock that stands still: durations are all that two runs may differ in.
    ...{ host: createHost(), cwd: folder, cacheFolder: join(folder, 'cache'), now: () => 0 },
    ...extra,
  });
  await runTrial(config, join(folder, 'straight'), env());

  const place = join(folder, 'stopped');
  const abort = new AbortController();
  const listen: RunEnvironment['listen'] = (bus) =>
    void bus.on('step.completed').subscribe(({ step }) => step === 5 && abort.abort());
  expect((await runTrial(config, place, env({ signal: abort.signal, listen }))).outcome).toBe('stopped');
  // What was written after the checkpoint, by a process that was killed.
  for (const file of [EVENT_FILE, CSV_FILE]) writeFileSync(join(place, file), '6,3,torn', { flag: 'a' });
  expect((await resumeTrial(place, env())).outcome).toBe('completed');

  for (const file of [EVENT_FILE, CSV_FILE]) {
    expect(readFileSync(join(place, file)).equals(readFileSync(join(folder, 'straight', file))), file).toBe(
      true,
    );
  }
  const steps = readFileSync(join(place, CSV_FILE), 'utf8').trimEnd().split('\n').slice(1);
  expect(steps.map((row) => row.split(',')[0])).toEqual(['1', '2', '3', '4', '5', '6', '7', '8']);
});

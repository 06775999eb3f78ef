/** Runs that are stopped and resumed, and what is left of them, for tests. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin, RunConfigInput } from '@ligature/core';
import { expect } from 'vitest';
import { resumeTrial, runTrial, type RunEnvironment, type TrialResult } from '../src/index.js';
import { environment, tinyConfig } from './tiny-run.js';

export const STEPS = 12;

export const base: RunConfigInput = {
  model: { layers: 4, width: 8, heads: 2, context: 8, dropout: 0.1 },
  training: { steps: STEPS, batch: 2, accumulation: 2, warmup: 3 },
  tying: { window: 3 },
  // `memory` and `throughput` go on too, but what they measure is never the same twice.
  evaluation: { every: 5, batches: 1, evaluators: ['diagnostics', 'ledger'] },
  checkpoint: { every: 4, everyMinutes: null },
};

/** Runs to the end, stopping after each of the given steps and resuming. */
export async function run(
  folder: string,
  name: string,
  overrides: RunConfigInput,
  stops: readonly number[],
  plugins: Plugin[] = [],
): Promise<TrialResult> {
  const config = tinyConfig(folder, { ...base, ...overrides });
  const place = join(folder, name);
  let result: TrialResult | undefined;
  for (const [index, stop] of [...stops, Infinity].entries()) {
    const abort = new AbortController();
    const listen: RunEnvironment['listen'] = (bus) =>
      void bus.on('step.completed').subscribe(({ step }) => step === stop && abort.abort());
    const env = environment(folder, { signal: abort.signal, listen }, plugins);
    result = await (index === 0 ? runTrial(config, place, env) : resumeTrial(place, env));
    expect(result.outcome).toBe(stop < STEPS ? 'stopped' : 'completed');
  }
  return result as TrialResult;
}

const TIMED = ['bytes', 'sha256', 'durationMs'];

export const lines = (folder: string): string[] =>
  readFileSync(join(folder, 'events.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) =>
      JSON.stringify(JSON.parse(line), (key, value: unknown) => (key === 'durationMs' ? 0 : value)),
    );

/** Everything that a finished run leaves behind and that does not depend on the clock. */
export function remains(folder: string): Record<string, unknown> {
  const last = join(folder, 'checkpoints', `step-${String(STEPS).padStart(6, '0')}`);
  const state = JSON.parse(readFileSync(join(last, 'state.json'), 'utf8')) as Record<string, unknown>;
  return {
    log: lines(folder),
    weights: readFileSync(join(last, 'model.safetensors')).toString('base64'),
    tensors: readFileSync(join(last, 'state.safetensors')).toString('base64'),
    // The log's length and its digests differ by the digits of timings.
    state: JSON.stringify(state, (key, value: unknown) => (TIMED.includes(key) ? 0 : value)),
  };
}

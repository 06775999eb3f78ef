/** A program that nobody here wrote, gpt-tfjs 0.0.5 from npm, trains unmodified and as it does on tfjs's CPU backend. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BackendStatistics } from '../src/index.js';

const STEPS = 6;

interface Training {
  readonly losses: number[];
  readonly text: number[];
  readonly tensors: number;
  readonly statistics?: BackendStatistics;
}

const script = fileURLToPath(new URL('support/train-gpt.ts', import.meta.url));

async function train(backend: string): Promise<Training> {
  const args = ['--conditions=@ligature/source', '--import', 'tsx', script, backend, String(STEPS)];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Training;
}

describe('gpt-tfjs', () => {
  let here: Training;
  let there: Training;
  beforeAll(async () => {
    [here, there] = await Promise.all([train('onnxruntime'), train('cpu')]);
  });

  it('has the same losses and learns', () => {
    expect(here.losses).toHaveLength(STEPS);
    const deviations = here.losses.map((loss, i) => Math.abs(loss / there.losses[i]! - 1));
    expect(Math.max(...deviations)).toBeLessThan(1e-5);
    expect(here.losses.at(-1)!).toBeLessThan(here.losses[1]!);
  });

  it('writes the same text and leaves as many tensors', () => {
    expect(here.text).toEqual(there.text);
    expect(here.tensors).toBe(there.tensors);
  });

  it('needs no kernel of the CPU backend, and no new graph once its steps repeat', () => {
    expect(here.statistics!.fallbacks).toEqual({});
    // The first step makes the optimizer's moments; from the second on all are equal. The rest is text, token by token.
    expect(here.statistics!.compile.reused).toBeGreaterThanOrEqual(STEPS - 2);
  });
});

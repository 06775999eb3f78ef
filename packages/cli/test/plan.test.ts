/** `ligature compare --plan`, `ligature sweep --plan`: from the file to the page, with trials that are made up. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TrialResult } from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';
import { describe, expect, it } from 'vitest';
import { run } from '../src/index.js';
import { fakeIo, type FakeOptions } from './fake-io.js';

const trained: NonNullable<FakeOptions['executeTrial']> = ({ label, seed, config }) => {
  const better = config.controller.name === 'pairs' ? 0.2 : 0;
  const nats = 5 - better + 0.01 * Math.sin(7 * seed + label.length);
  return Promise.resolve({
    ...{
      ...LANGUAGE_MODEL,
      controller: label,
      seed,
      steps: 3,
      tokens: 30,
      outcome: 'completed',
      folder: 'x',
    },
    ...{ validation: { nats }, test: { nats, bitsPerByte: nats }, summary: {}, losses: [], diagnostics: [] },
    ledger: {
      ...{ layers: 4, independentLayers: 4, totalParameters: 100, distinctStorages: {} },
      ...{ uniqueParameters: 100, trainableParameters: 100, loggedTrainableParameters: 100 },
      ...{ bytes: { weights: 1, gradients: 1, moments: 1, activations: 1 }, flops: {} },
    },
    ...{ tieMap: [0, 1, 2, 3], tieMaps: [], memory: { backendBytes: 1e6, residentBytes: 1e8 } },
    ...{ tokensPerSecond: 9, trainingSeconds: 1, data: { vocabularySize: 256 }, config },
    backend: { name: 'cpu', version: '1', detail: 'made up' },
  } as unknown as TrialResult);
};

const PLAN = `plan:
  question: Do neighbours tie well?
  primary: { of: pairs, against: none, margin: 0.01 }
  secondary: [{ of: "cycle:blocks=2", against: none, dataset: sotu }]
model: { layers: 4 }
tokenizer: byte
backend: cpu
compare: { controllers: [none, pairs, "cycle:blocks=2"], seeds: 4, datasets: [moby-dick, sotu] }
`;

function planIn(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'ligature-plan-')), 'plan.yaml');
  writeFileSync(file, text);
  return file;
}

async function call(argv: readonly string[], command = 'compare', executeTrial = trained) {
  const io = fakeIo({ executeTrial });
  const status = await run([command, ...argv], io);
  return { io, status, out: io.out().replaceAll(/\s+/g, ' '), err: io.err().replaceAll(/\s+/g, ' ') };
}

describe('ligature compare --plan', () => {
  it('says what was planned and what was found, and keeps the digest of the plan', async () => {
    const { io, status, out, err } = await call(['--plan', planIn(PLAN), '--name', 'planned']);
    expect(status, err).toBe(0);
    expect(err).toContain('on moby-dick, sotu');
    expect(err).toContain('4 seeds, 24 trials');
    expect(out).toContain('Question: Do neighbours tie well?');
    expect(out).toContain('Planned: pairs against none (loss) is shown to be better (−0.');
    const folder = join(io.cwd, 'runs', 'planned');
    const { digest } = JSON.parse(readFileSync(join(folder, 'plan.json'), 'utf8')) as { digest: string };
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(readFileSync(join(folder, 'comparison.md'), 'utf8')).toContain(digest.slice(0, 12));
    expect(readFileSync(join(folder, 'plan.csv'), 'utf8')).toMatch(/^kind,of,against,dataset/);
    // What was planned is the same to one who repeats it.
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toMatchObject({
      plan: { primary: { of: 'pairs', against: 'none' } },
    });
  });

  it('is checked without training', async () => {
    const { status, out } = await call(['--plan', planIn(PLAN), '--print-config']);
    expect(status).toBe(0);
    expect(out).toContain('question: Do neighbours tie well?');
  });

  it.each([
    [PLAN, ['--seeds', '9'], /Run the plan .* with --seeds found: what a plan says was fixed before/],
    ['model: { layers: 4 }\n', [], /the file has no section `plan`/],
    [PLAN.replace('of: pairs', 'of: pair'), [], /Did you mean "pairs"\?/],
    [PLAN.replace('dataset: sotu', 'dataset: soto'), [], /Did you mean "sotu"\?/],
    [PLAN.replace('question: Do neighbours tie well?\n', 'margin: 1\n'), [], /question/],
  ])('refuses what would be no plan, or another one', async (text, more, message) => {
    const { status, err } = await call(['--plan', planIn(text), ...more]);
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });
});

const SWEEP = `plan:
  question: Do long windows cost anything?
  primary: { of: "layers=4  window=9", against: "window=2 layers=4", margin: 0.01 }
tokenizer: byte
backend: cpu
sweep: { vary: { tying.window: [2, 9], model.layers: [4] }, seeds: 4 }
`;

/** A window of 9 costs 0.2 nats. */
const windows: typeof trained = async (trial, folder, ...rest) => {
  const cost = trial.config.tying.window === 9 ? 0.2 : 0;
  const nats = 5 + cost + 0.01 * Math.sin(7 * trial.seed + cost);
  return { ...(await trained(trial, folder, ...rest)), validation: { nats: nats - 0.1 }, test: { nats } };
};

describe('ligature sweep --plan', () => {
  it('says what was planned and what was found, and says so when it is extended', async () => {
    const { io, status, out, err } = await call(
      ['--plan', planIn(SWEEP), '--name', 'swept'],
      'sweep',
      windows,
    );
    expect(status, err).toBe(0);
    expect(out).toContain('Question: Do long windows cost anything?');
    expect(out).toMatch(/Planned: window=9 layers=4 against window=2 layers=4 \(loss\) is shown to be worse/);
    const page = join(io.cwd, 'runs', 'swept', 'sweep.md');
    expect(readFileSync(page, 'utf8')).toMatch(
      /The plan was kept before the first trial.*and is the same\./s,
    );
    expect(readFileSync(join(io.cwd, 'runs', 'swept', 'plan.csv'), 'utf8')).toContain('window=9 layers=4');
    expect(await run(['resume', 'runs/swept', '--seeds', '5'], io)).toBe(0);
    expect(readFileSync(page, 'utf8')).toContain(
      'The plan was changed after the study began, with 10 trials',
    );
  });

  it('is no part of what its trials depend on', async () => {
    const planned: unknown[] = [];
    await call(['--plan', planIn(SWEEP)], 'sweep', (trial, ...rest) => {
      planned.push(trial.config);
      return windows(trial, ...rest);
    });
    expect(planned).toHaveLength(8);
    for (const config of planned) expect(config).not.toHaveProperty('plan');
  });

  it.each([
    [SWEEP.replace('window=2 l', 'window=3 l'), /Did you mean "window=2 layers=4"/],
    [SWEEP.replace('seeds: 4', 'samples: 2'), /drawn at random.*left to chance/],
    [SWEEP.replace('margin: 0.01', 'dataset: sotu'), /there is one alone/],
  ])('refuses what would be no plan', async (text, message) => {
    const { status, err } = await call(['--plan', planIn(text)], 'sweep');
    expect(status).toBe(2);
    expect(err).toMatch(message);
  });

  it('is refused by a study that has no contrasts to plan', async () => {
    const { status, err } = await call(['--config', planIn(PLAN)], 'landscape');
    expect(status).toBe(2);
    expect(err).toMatch(/it has a section `plan`, whose contrasts this study does not have/);
  });
});

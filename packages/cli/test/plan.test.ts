/** `ligature compare --plan`: from the file to the page, with trials that are made up. */
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

async function call(argv: readonly string[]) {
  const io = fakeIo({ executeTrial: trained });
  const status = await run(['compare', ...argv], io);
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

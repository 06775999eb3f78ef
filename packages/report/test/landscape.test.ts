/** Tables, documents and pictures of landscapes and retrainings, from numbers that are made up. */
import { type TrialResult } from '@ligature/run';
import {
  landscapeSettingsSchema,
  planLandscape,
  planRetraining,
  summarizeLandscape,
  summarizeRetraining,
  type Landscape,
  type Retraining,
  type RetrainingSettings,
} from '@ligature/studies';
import { runConfigSchema } from '@ligature/core';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import {
  landscapeCsv,
  landscapeMarkdown,
  landscapeRows,
  paretoSvg,
  rankingSvg,
  regretCsv,
  retrainingCsv,
  retrainingDifferencesCsv,
  retrainingMarkdown,
  retrainingRows,
  retrainingSvg,
} from '../src/index.js';

function result(nats: number, tieMap: readonly number[]): TrialResult {
  const blocks = new Set(tieMap).size;
  return {
    ...{ seed: 0, test: { nats }, tieMap },
    ledger: { uniqueParameters: 1000 * blocks, trainableParameters: 1000 * blocks },
    text: { vocabularySize: 256 },
    backend: { name: 'cpu', version: '0', detail: 'tfjs' },
  } as unknown as TrialResult;
}

function landscape(): Landscape {
  const config = runConfigSchema.parse({ model: { layers: 3 }, compare: { seeds: 2 } });
  const controllers = [{ name: 'random', options: {} }];
  const plan = planLandscape(config, landscapeSettingsSchema.parse({ controllers }));
  const finished = plan.plans.map((one, index) => {
    const tieMap = plan.maps.get(one.label) ?? [0, 1, 1];
    return {
      plan: one,
      result: { ...result(5 - 0.25 * new Set(tieMap).size + 0.001 * index, tieMap), seed: one.seed },
    };
  });
  return summarizeLandscape(config, plan, { finished, failed: [] });
}

function retraining(): Retraining {
  const config = runConfigSchema.parse({ model: { layers: 4 }, compare: { seeds: 2 } });
  const settings: RetrainingSettings = {
    run: {
      ...{ folder: 'runs/a|b', controller: 'q-learning', seed: 1, steps: 9, budget: 9 },
      ...{ tieMap: [0, 0, 2, 0], blocks: 2, loss: 5.5 },
    },
    randomMaps: [[0, 1, 0, 0]],
    long: true,
  };
  const trials = planRetraining(config, settings, 'study');
  const finished = trials.map(({ plan, tieMap }, index) => ({
    plan,
    result: result(5 + 0.01 * index, tieMap),
  }));
  return summarizeRetraining(config, settings, trials, { finished, failed: [] });
}

const records = (text: string) => parse(text, { columns: true }) as Record<string, string>[];

describe('a landscape', () => {
  it('has one line per map in its table and its CSV, best first, with the loss of every seed', () => {
    const found = landscape();
    expect(
      landscapeRows(found)
        .slice(1)
        .map(([rank, map]) => `${rank} ${map}`),
    ).toEqual(found.maps.map(({ rank, label }) => `${rank} ${label}`));
    const lines = records(landscapeCsv(found));
    expect(lines).toHaveLength(5);
    for (const [index, line] of lines.entries()) {
      const seeds = [Number(line['test_nats_seed_1']), Number(line['test_nats_seed_2'])];
      expect(seeds).toEqual(found.maps[index]?.losses);
      expect(Number(line['test_nats'])).toBeCloseTo((seeds[0]! + seeds[1]!) / 2, 12);
    }
    expect(landscapeRows(found, 2)).toHaveLength(3);
  });

  it('writes every regret by seed, and a document that names the command', () => {
    const found = landscape();
    const lines = records(regretCsv(found));
    expect(lines.map(({ controller, seed }) => `${controller} ${seed}`)).toEqual([
      ...['random 1', 'random 2', 'random mean'],
    ]);
    const document = landscapeMarkdown(found, { figures: [{ title: 'Front', path: 'pareto.svg' }] });
    expect(document).toContain(found.verdict);
    expect(document).toContain('![Front](<pareto.svg>)');
    expect(document).toContain('ligature landscape --config config.json --controllers random');
  });

  it('is drawn with a mark for every map, seed and controller', async () => {
    const found = landscape();
    const ranking = await rankingSvg(found);
    for (const { label } of found.maps) expect(ranking).toContain(`>${label}<`);
    const pareto = await paretoSvg(found);
    for (const label of found.front) expect(pareto).toContain(`>${label}<`);
    expect(pareto).toContain('>random<');
    expect(await paretoSvg(found)).toBe(pareto);
  });
});

describe('a retraining', () => {
  it('has the run and every arm in its table, its CSV, its picture and its document', async () => {
    const found = retraining();
    const arms = ['found', 'random 0-1-0-0', 'continued', 'found-long'];
    expect(
      retrainingRows(found)
        .slice(1)
        .map(([name]) => name),
    ).toEqual(['the run (q-learning)', ...arms]);
    const lines = records(retrainingCsv(found));
    expect(lines.map(({ trained }) => trained)).toEqual(['run', ...arms]);
    expect(Number(lines[0]?.['test_nats'])).toBe(5.5);
    expect(Number(lines[1]?.['test_nats_seed_2'])).toBe(found.rows[0]?.losses[1]);
    const differences = records(retrainingDifferencesCsv(found));
    expect(differences.map(({ first, second }) => `${first} - ${second}`)).toEqual([
      ...['found - random maps', 'found - random 0-1-0-0', 'continued - found-long'],
      'run - prediction interval of found',
    ]);
    const svg = await retrainingSvg(found);
    for (const arm of arms) expect(svg).toContain(`>${arm}<`);
    expect(svg).toContain('the run: 5.500');
    expect(retrainingMarkdown(found)).toContain(found.verdict);
  });
});

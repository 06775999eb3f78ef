/** Tables, documents and pictures of landscapes and retrainings, from numbers that are made up. */
import { LANGUAGE_MODEL } from '@ligature/run';
import {
  landscapeSettingsSchema,
  planLandscape,
  planRetraining,
  presentLandscape,
  presentRetraining,
  summarizeLandscape,
  summarizeRetraining,
  type Landscape,
  type Retraining,
  type RetrainingSettings,
} from '@ligature/studies';
import { runConfigSchema, type DocumentChart, type StudyDocument, type TrialResult } from '@ligature/core';
import { parse } from 'csv-parse/sync';
import { describe, expect, it } from 'vitest';
import { chartSvg, documentMarkdown, tableCsv, tableRows } from '../src/index.js';
import { tableOf } from './synthetic.js';

function result(nats: number, tieMap: readonly number[]): TrialResult {
  const blocks = new Set(tieMap).size;
  return {
    ...LANGUAGE_MODEL,
    ...{ seed: 0, validation: { nats }, test: { nats }, tieMap },
    ledger: { uniqueParameters: 1000 * blocks, trainableParameters: 1000 * blocks },
    data: { vocabularySize: 256 },
    backend: { name: 'cpu', version: '0', detail: 'tfjs' },
  } as unknown as TrialResult;
}

function landscape(): Landscape {
  const config = runConfigSchema.parse({ model: { layers: 3 }, compare: { seeds: 2 } });
  const controllers = [{ name: 'random', options: {} }];
  const plan = planLandscape(config, landscapeSettingsSchema.parse({ controllers }));
  const finished = plan.trials.map((one, index) => {
    const tieMap = plan.maps.get(one.label) ?? [0, 1, 1];
    return {
      trial: one,
      result: { ...result(5 - 0.25 * new Set(tieMap).size + 0.001 * index, tieMap), seed: one.seed },
    };
  });
  return summarizeLandscape(plan, { config, finished, failed: [] });
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
  const trials = planRetraining(config, settings);
  const finished = trials.map(({ planned: trial, tieMap }, index) => ({
    trial,
    result: result(5 + 0.01 * index, tieMap),
  }));
  return summarizeRetraining(settings, trials, { config, finished, failed: [] });
}

const chart = ({ body }: StudyDocument, id: string): DocumentChart =>
  body.find((block): block is DocumentChart => block.kind === 'chart' && block.id === id)!;

const records = (text: string) => parse(text, { columns: true }) as Record<string, string>[];

describe('a landscape', () => {
  it('has one line per map in its table and its CSV, best first, with the loss of every seed', () => {
    const found = landscape();
    const ranking = tableOf(presentLandscape(found), 'landscape.csv');
    expect(
      tableRows(ranking)
        .slice(1)
        .map(([rank, map]) => `${rank} ${map}`),
    ).toEqual(found.maps.map(({ rank, label }) => `${rank} ${label}`));
    const lines = records(tableCsv(ranking));
    expect(lines).toHaveLength(5);
    for (const [index, line] of lines.entries()) {
      const seeds = [Number(line['test_nats_seed_1']), Number(line['test_nats_seed_2'])];
      expect(seeds).toEqual(found.maps[index]?.values);
      expect(Number(line['test_nats'])).toBeCloseTo((seeds[0]! + seeds[1]!) / 2, 12);
    }
    expect(tableRows(ranking, 2)).toHaveLength(3);
  });

  it('writes every regret by seed, and a document that names the command', () => {
    const found = landscape();
    const lines = records(tableCsv(tableOf(presentLandscape(found), 'regret.csv')));
    expect(lines.map(({ controller, seed }) => `${controller} ${seed}`)).toEqual([
      ...['random 1', 'random 2', 'random mean'],
    ]);
    const document = documentMarkdown(presentLandscape(found));
    expect(document).toContain(found.verdict);
    expect(document).toContain('![Loss against unique parameters](<pareto.svg>)');
    expect(document).toContain('ligature landscape --config config.json --controllers random');
  });

  it('is drawn with a mark for every map, seed and controller', async () => {
    const found = landscape();
    const ranking = await chartSvg(chart(presentLandscape(found), 'ranking'));
    for (const { label } of found.maps) expect(ranking).toContain(`>${label}<`);
    const pareto = await chartSvg(chart(presentLandscape(found), 'pareto'));
    for (const label of found.front) expect(pareto).toContain(`>${label}<`);
    expect(pareto).toContain('>random<');
    expect(await chartSvg(chart(presentLandscape(found), 'pareto'))).toBe(pareto);
  });
});

describe('a retraining', () => {
  it('has the run and every arm in its table, its CSV, its picture and its document', async () => {
    const found = retraining();
    const document = presentRetraining(found);
    const arms = ['found', 'random 0-1-0-0', 'continued', 'found-long'];
    expect(
      tableRows(tableOf(document, 'retraining.csv'))
        .slice(1)
        .map(([name]) => name),
    ).toEqual(['the run (q-learning)', ...arms]);
    const lines = records(tableCsv(tableOf(document, 'retraining.csv')));
    expect(lines.map(({ trained }) => trained)).toEqual(['run', ...arms]);
    expect(Number(lines[0]?.['test_nats'])).toBe(5.5);
    expect(Number(lines[1]?.['test_nats_seed_2'])).toBe(found.rows[0]?.values[1]);
    const differences = records(tableCsv(tableOf(document, 'differences.csv')));
    expect(differences.map(({ first, second }) => `${first} - ${second}`)).toEqual([
      ...['found - random maps', 'found - random 0-1-0-0', 'continued - found-long'],
      'run - prediction interval of found',
    ]);
    const svg = await chartSvg(chart(document, 'retraining'));
    for (const arm of arms) expect(svg).toContain(`>${arm}<`);
    expect(svg).toContain('the run: 5.500');
    expect(documentMarkdown(document)).toContain(found.verdict);
  });
});

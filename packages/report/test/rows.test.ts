/** A task of rows of numbers, without a text or a tokenizer: pages and documents speak of it in its own words. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PluginHost, runConfigSchema, type LigatureEvent, type TrialResult } from '@ligature/core';
import { plugin as studies, planTrials, presentComparison, summarizeComparison } from '@ligature/studies';
import { describe, expect, it } from 'vitest';
import {
  documentMarkdown,
  documentPage,
  makeReport,
  resultTable,
  runMarkdown,
  traceRun,
} from '../src/index.js';
import { eventsOf, temporaryFolder } from './run-folder.js';
import { trial } from './synthetic.js';

const ROWS: Pick<TrialResult, 'task' | 'unit' | 'lossUnit' | 'metrics'> = {
  ...{ task: 'classify', unit: 'rows', lossUnit: 'nats per row' },
  metrics: [
    { name: 'accuracy', unit: '%', better: 'higher' },
    { name: 'loss', unit: 'nats', better: 'lower' },
  ],
};

const config = runConfigSchema.parse({
  ...{ task: 'classify', dataset: null, tokenizer: null },
  model: { name: 'mlp', options: { layers: 3, width: 8 } },
  training: { steps: 8, batch: 2 },
});

const result = (controller: string, seed: number, accuracy: number): TrialResult => ({
  ...{ ...trial(controller, seed, 1, [0, 1, 2]), ...ROWS, config },
  validation: { accuracy, loss: 1 - accuracy },
  test: { accuracy: accuracy - 0.05, loss: 1.05 - accuracy },
  data: { trainingRows: 800 },
});

/** The log of such a run; validated twice. */
function events(): LigatureEvent[] {
  const validation = { type: 'evaluation.completed', split: 'validation', durationMs: 1 } as const;
  return [
    ...eventsOf(4).map((event) => (event.type === 'run.started' ? { ...event, ...ROWS } : event)),
    { ...validation, step: 4, metrics: { accuracy: 0.5, loss: 0.5 } },
    { ...validation, step: 8, metrics: { accuracy: 0.75, loss: 0.25 } },
  ];
}

function writeRows(folder: string, ended?: TrialResult): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(
    join(folder, 'events.jsonl'),
    events()
      .map((event) => `${JSON.stringify(event)}\n`)
      .join(''),
  );
  if (ended) writeFileSync(join(folder, 'result.json'), JSON.stringify(ended));
  return folder;
}

/** What a person reads of a page: no scripts, styles, markup, nor what programs download. */
const words = (page: string): string =>
  page
    .replaceAll(/<(script|style)\b[\s\S]*?<\/\1>/g, '')
    .replace(/<details><summary>The whole configuration[\s\S]*?<\/details>/, '')
    // Names of charts' parts are read aloud.
    .replaceAll(/ aria-label="([^"]*)"/g, '> $1 <')
    .replaceAll(/<[^>]*>/g, ' ');

/** Specifications of the charts, which the page's script draws. */
const specsOf = (page: string): string =>
  [...page.matchAll(/<script type="application\/json"[^>]*>([\s\S]*?)<\/script>/g)]
    .map(([, json]) => json)
    .join();

const FOREIGN = /tokens\b(?!['"\]])|tokenizer|\btexts?\b|perplexity|nats per token|bits\/byte/i;

describe('the page of a run', () => {
  const report = (folder: string): Promise<string> => makeReport(folder, new PluginHost().register(studies));

  it('that has no result yet takes its words from the log', async () => {
    const page = await report(writeRows(join(temporaryFolder(), 'run')));
    const read = words(page);
    expect(read).toContain('random on classify, seed 1');
    expect(read).toContain('mlp with 3 layers of width 8, trained for 8 steps of 2 rows on classify.');
    expect(read).toMatch(/Rows\s+256/);
    expect(read).toContain('nats per row after 8 steps, with 2 validations');
    expect(read).not.toMatch(FOREIGN);
    expect(specsOf(page)).toContain('nats per row');
    expect(specsOf(page)).toContain('training rows');
    // The loss has a place on the axis of the training loss; the accuracy is told at the pointer.
    expect(specsOf(page)).toContain('accuracy 0.75');
    expect(specsOf(page)).not.toMatch(/training tokens|perplexity|per token/);
  });

  it('that has ended lists its metrics, the one to judge by first', async () => {
    const page = await report(writeRows(join(temporaryFolder(), 'run'), result('random', 1, 0.75)));
    const read = words(page);
    expect(read).toContain('on classify: training rows 800.');
    expect(read).toContain('8 steps of 2 rows');
    expect(read).toMatch(/10 \(320 rows\)/);
    expect(read).toContain('Rows/s');
    expect(read.indexOf('Accuracy')).toBeLessThan(read.indexOf('Nats per row'));
    expect(read).not.toMatch(FOREIGN);
    const markdown = runMarkdown(result('random', 1, 0.75));
    expect(markdown.split('## To repeat it')[0]).not.toMatch(FOREIGN);
    expect(resultTable(result('random', 1, 0.75))).toEqual([
      ['Metric', 'Validation', 'Test'],
      ['Accuracy', '75.0\u00a0%', '70.0\u00a0%'],
      ['Nats per row', '0.250', '0.300'],
    ]);
  });

  it('of an old log is that of a language model', () => {
    expect(traceRun(events())).toMatchObject({
      unit: 'rows',
      lossUnit: 'nats per row',
      metrics: ROWS.metrics,
    });
    const old = traceRun(eventsOf(1));
    expect(old).toMatchObject({ unit: 'tokens', lossUnit: 'nats per token' });
    expect(old.metrics[0]).toMatchObject({ name: 'nats', better: 'lower' });
  });
});

describe('a comparison', () => {
  it('speaks of rows and ranks by accuracy, as a page and as Markdown', async () => {
    const all = runConfigSchema.parse({ ...config, compare: { controllers: ['none', 'cycle'], seeds: 3 } });
    const trials = planTrials(all);
    const finished = trials.map((one) => ({
      trial: one,
      result: result(one.label, one.seed, (one.label === 'cycle' ? 0.9 : 0.5) + 0.001 * one.seed ** 2),
    }));
    const found = summarizeComparison({ config: all, trials, finished, failed: [] });
    const document = presentComparison(found);
    expect(found.verdict).toMatch(
      /^cycle has the highest mean validation accuracy \(90\.5 %\), and a test accuracy of 85\.5 %/,
    );
    const markdown = documentMarkdown(document).split('## To repeat it')[0] as string;
    expect(markdown).toContain('Test accuracy');
    expect(markdown).toContain('Rows/s');
    expect(markdown).not.toMatch(FOREIGN);
    const folder = temporaryFolder();
    for (const { id } of trials) writeRows(join(folder, id));
    const page = await documentPage(document, folder);
    expect(words(page)).not.toMatch(FOREIGN);
    expect(words(page)).toMatch(/Loss against\s+rows\s+steps\s+seconds\s+FLOPs/);
    expect(specsOf(page)).not.toMatch(/training tokens|perplexity|per token/);
    expect(specsOf(page)).toContain('training rows');
  });
});

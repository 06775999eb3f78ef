/** Floors in what people see: pages, Markdown, pictures, tables of one run; and old results without any. */
import type { DocumentChart, MeasuredFloor, TrialResult, VegaDrawing } from '@ligature/core';
import { presentComparison, summarizeComparison } from '@ligature/studies';
import { describe, expect, it } from 'vitest';
import {
  chartSvg,
  documentMarkdown,
  documentPage,
  resultTable,
  runMarkdown,
  tableCsv,
  tableRows,
} from '../src/index.js';
import { config, tableOf, trial } from './synthetic.js';

const measured = (nats: number) => ({
  ...{ nats, perplexity: Math.exp(nats), bitsPerByte: 2 * nats, accuracy: 0.1 },
});
const FLOORS: readonly MeasuredFloor[] = [
  { name: 'unigram', description: 'how often each occurs', validation: measured(5.5), test: measured(5) },
  { name: 'bigram', description: 'how often each follows', validation: measured(3.5), test: measured(3) },
];

const documentOf = (floors: readonly MeasuredFloor[] | undefined) => {
  const results = [trial('none', 1, 4, [0, 1, 2]), trial('random', 1, 4.5, [0, 0, 0])].map(
    (result): TrialResult => ({ ...result, ...(floors && { floors }) }),
  );
  const trials = results.map((result, index) => ({
    ...{ id: `t${index}`, label: result.controller, seed: 1, config },
  }));
  const finished = results.map((result, index) => ({ trial: trials[index]!, result }));
  return presentComparison(summarizeComparison({ config, trials, finished, failed: [] }));
};

describe('a comparison with floors', () => {
  const document = documentOf(FLOORS);

  it('has them below its rows, and says where its rows stand', () => {
    const rows = tableRows(tableOf(document, 'table.csv'));
    const at = rows[0]!.indexOf('Test nats');
    expect(rows.slice(-2).map((row) => [row[0], row[at]])).toEqual([
      ['unigram floor', '5.000'],
      ['bigram floor', '3.000'],
    ]);
    expect(document.verdict).toContain(
      'Both end between the unigram floor (5.000 nats) and the bigram floor (3.000 nats), 25 to 50 % of the way.',
    );
    const markdown = documentMarkdown(document);
    expect(markdown).toMatch(/\| unigram floor +\| +5\.500 \|/);
    expect(markdown).toContain('*unigram floor*: how often each occurs;');
  });

  it('keeps them out of the file of its rows, and gives them one of their own', () => {
    expect(tableCsv(tableOf(document, 'table.csv'))).not.toContain('floor');
    expect(tableCsv(tableOf(document, 'floors.csv')).split('\n').slice(0, 2)).toEqual([
      'floor,description,validation_nats,validation_perplexity,validation_bits_per_byte,validation_accuracy,' +
        'test_nats,test_perplexity,test_bits_per_byte,test_accuracy',
      `unigram,how often each occurs,5.5,${Math.exp(5.5)},11,0.1,5,${Math.exp(5)},10,0.1`,
    ]);
  });

  it('draws them among the curves, in the picture and on the page', async () => {
    const loss = document.body.find((block) => block.kind === 'chart' && block.id === 'loss');
    const svg = await chartSvg(loss as Parameters<typeof chartSvg>[0]);
    expect(svg).toContain('unigram floor 5.000');
    expect(svg).toContain('bigram floor 3.000');
    expect(svg).toContain('stroke-dasharray="5,4"');
    const page = await documentPage(document);
    expect(page).toContain('<tfoot>');
    // Rows that are sorted are those of the body.
    expect(page.slice(page.indexOf('<tbody>'), page.indexOf('</tbody>'))).not.toContain('unigram floor');
    expect(page).toContain('Dashed: unigram floor 5.000, bigram floor 3.000');
  });

  it('of before there were floors is as it was', async () => {
    const old = documentOf(undefined);
    expect(documentMarkdown(old)).not.toContain('floor');
    expect(old.verdict).not.toContain('floor');
    const page = await documentPage(old);
    expect(page).not.toContain('<tfoot>');
  });
});

describe('one run with floors', () => {
  const result: TrialResult = { ...trial('none', 1, 4, [0, 1, 2]), floors: FLOORS };

  it('has them beside the split that they are measured on', () => {
    const rows = resultTable(result);
    expect(rows[0]).toEqual([
      ...['Metric', 'Validation', 'Unigram floor', 'Bigram floor'],
      ...['Test', 'Unigram floor', 'Bigram floor'],
    ]);
    expect(rows[1]).toEqual(['Nats per token', '3.750', '5.500', '3.500', '4.000', '5.000', '3.000']);
  });

  it('says where it ends, on the test split or on what was measured', () => {
    expect(runMarkdown(result)).toContain(
      'It ends between the unigram floor (5.000 nats) and the bigram floor (3.000 nats), 50 % of the way. *unigram floor*: how',
    );
    const validated = runMarkdown({ ...result, test: {} });
    expect(validated).toContain('It ends between the unigram floor (5.500 nats)');
    expect(runMarkdown(trial('none', 1, 4, [0, 1, 2]))).not.toContain('floor');
  });
});

describe('the front of a comparison', () => {
  it('is of bits a byte against stored bytes where there is a text, four for each parameter', () => {
    const chart = documentOf(FLOORS).body.find((block) => block.kind === 'chart' && block.id === 'pareto');
    // 5 000 parameters at 8 bits a byte, 3 000 at 9: neither beats the other.
    expect(chart).toMatchObject({
      title: 'Bits per byte against stored bytes',
      alt: 'No other mean has both fewer stored bytes and a lower validation bits per byte than: random, none.',
    });
    const { spec } = (chart as DocumentChart).drawing as VegaDrawing;
    const [trials] = spec['data'] as [{ values: { cost: number; value: number }[] }];
    expect(trials.values.map(({ cost, value }) => [cost, value])).toEqual([
      [20_000, 8],
      [12_000, 9],
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { presentComparison, type Comparison } from '@ligature/studies';
import {
  documentMarkdown,
  formatQuantity,
  quantities,
  quantityOf,
  runMarkdown,
  tableCsv,
  tableRows,
} from '../src/index.js';
import { comparison, oneSeed, tableOf, trial, twoSeeds } from './synthetic.js';

const table = (found: Comparison, file: string) => tableOf(presentComparison(found), file);
const comparisonCsv = (found: Comparison): string => tableCsv(table(found, 'comparison.csv'));
const statisticsCsv = (found: Comparison): string => tableCsv(table(found, 'statistics.csv'));
const statisticsRows = (found: Comparison): string[][] => tableRows(table(found, 'statistics.csv'));
const comparisonMarkdown = (found: Comparison): string => documentMarkdown(presentComparison(found));
const spaced = (rows: string[][]): string[][] =>
  rows.map((row) => row.map((cell) => cell.replaceAll('\u00a0', ' ')));

const lines = (text: string): string[] => text.trimEnd().split('\n');
const cells = (line: string | undefined): string[] =>
  (line ?? '')
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((text) => text.trim().replaceAll('\u00a0', ' '));

describe('numbers for people', () => {
  it.each([
    [1_234_567, quantities.parameters, '1.23 M'],
    [11_600_000_000, quantities.parameters, '11.60 G'],
    [999, quantities.parameters, '999'],
    [412_300_000, quantities.bytes, '412.3 MB'],
    [0, quantities.bytes, '0 B'],
    [0.4567, quantities.share, '45.7 %'],
    [7.389, quantityOf(''), '7.389'],
    [123.456, quantityOf('a unit of its own'), '123.5'],
    [8191.9, quantityOf(''), '8192'],
    [0.4567, quantityOf('%'), '45.7 %'],
    [0.4567, quantityOf('%', 2), '45.67 %'],
    [Infinity, quantityOf(''), '–'],
    [Number.NaN, quantities.nats, '–'],
  ] as const)('%d', (value, quantity, text) => {
    expect(formatQuantity(value, quantity).replaceAll('\u00a0', ' ')).toBe(text);
  });
});

describe('the table of a comparison', () => {
  it('has a line per controller, with the numbers of the synthetic trials', () => {
    const [head, none, tied] = spaced(tableRows(table(oneSeed, 'table.csv')));
    expect(head).toEqual([
      'Controller',
      'Val. nats',
      'Val. perplexity',
      'Val. bits/byte',
      'Val. accuracy',
      'Test nats',
      'Test perplexity',
      'Test bits/byte',
      'Test accuracy',
      'Independent layers',
      'Unique params',
      'Trainable params',
      'Reduction',
      'Peak memory',
      'Peak tensors',
      'Tokens/s',
    ]);
    // exp(1.75) = 5.7546, exp(2) = 7.3891
    expect(none).toEqual([
      ...['none', '1.750', '5.755', '3.500', '12.5 %', '2.000', '7.389', '4.000', '12.5 %'],
      ...['3', '5.00 k', '5.00 k', '0.0 %', '150.0 MB', '2.5 MB', '640'],
    ]);
    // One block left: 3 000 of 5 000 parameters, 40 % less. exp(2.25) = 9.4877, exp(2.5) = 12.1825
    expect(tied).toEqual([
      ...['all|tied', '2.250', '9.488', '4.500', '12.5 %', '2.500', '12.2', '5.000', '12.5 %'],
      ...['1', '3.00 k', '3.00 k', '40.0 %', '150.0 MB', '2.5 MB', '640'],
    ]);
  });

  it('shows mean and sample standard deviation over several seeds', () => {
    const [, none, random] = spaced(tableRows(table(twoSeeds, 'table.csv')));
    expect(none?.[5]).toBe('2.100 ± 0.141');
    // 2 and 1 independent layers; 4 000 and 3 000 parameters: 20 % and 40 % less.
    expect(random?.slice(9, 13)).toEqual(['1.5 ± 0.7', '3.50 ± 0.71 k', '3.50 ± 0.71 k', '30.0 ± 14.1 %']);
  });

  it('has a column for measuring where anybody measured, and says whether the budget paid for it', () => {
    const flops = { trainingFlops: 9e9 };
    const silent = { ...trial('none', 1, 2, [0, 1, 2]), ...flops, measuring: { tokens: 0, flops: 0 } };
    const asking = { ...trial('asks', 1, 2, [0, 0, 2]), ...flops, measuring: { tokens: 36, flops: 1e9 } };
    const found = comparison([[silent], [asking]]);
    const [head, none, asks] = spaced(tableRows(table(found, 'table.csv')));
    const at = head!.indexOf('Measuring');
    expect([none![at], asks![at]]).toEqual(['0.0 %', '10.0 %']);
    const [names, , raw] = lines(tableCsv(table(found, 'table.csv'))).map((line) => line.split(','));
    const cell = (name: string): string | undefined => raw![names!.indexOf(name)];
    expect([cell('measuring_share'), cell('measuring_tokens'), cell('measuring_flops')]).toEqual([
      ...['0.1', '36', '1000000000'],
    ]);
    expect(lines(comparisonCsv(found))[2]).toContain(',9000000000,36,1000000000,0.1,cpu,');
    expect(comparisonMarkdown(found)).toContain('took, beside the steps of the budget.');
    expect(spaced(tableRows(table(comparison([[silent]]), 'table.csv')))[0]).not.toContain('Measuring');
    const charged = { ...found, config: { ...found.config, training: { ...found.config.training, budget: { kind: 'tokens', amount: 320 } as const } } }; // prettier-ignore
    expect(comparisonMarkdown(charged)).toContain('took, taken from the budget.');
    // Tokens of the training are no longer equal then.
    expect(tableRows(table(charged, 'table.csv'))[0]).toContain('Training tokens');
  });

  it('says in the page of one run how much was measured', () => {
    const measuring = { tokens: 1234, flops: 2.4e9 };
    const text = runMarkdown({ ...trial('asks', 1, 2, [0, 0, 2]), trainingFlops: 2.16e10, measuring });
    expect(text.replaceAll('\u00a0', ' ')).toContain('1,234 tokens, 2 GFLOP (10.0 % of all)');
    expect(runMarkdown(trial('asks', 1, 2, [0, 0, 2]))).not.toContain('GFLOP');
  });

  it('is raw in CSV, with a deviation column only when there are several seeds', () => {
    const [head, none] = lines(tableCsv(table(oneSeed, 'table.csv')));
    expect(head).not.toContain('_sd');
    expect(none).toBe(
      'none,1,1,1,1.75,5.75460267600573,3.5,0.125,2,7.38905609893065,4,0.125,3,5000,5000,0,150000000,2500000,640,0-1-2',
    );
    const several = lines(tableCsv(table(twoSeeds, 'table.csv')));
    expect(several[0]).toContain('test_nats,test_nats_sd');
    expect(several[2]).toMatch(/^random,1 2,2,2,2\.25,0,/);
    expect(several[2]).toMatch(/,0-0-2 0-0-0$/);
  });
});

describe('the files of a comparison', () => {
  it('writes one CSV line per trial, raw', () => {
    expect(lines(comparisonCsv(oneSeed))).toEqual([
      'controller,seed,outcome,steps,tokens,validation_nats,validation_perplexity,validation_bits_per_byte,validation_accuracy,test_nats,test_perplexity,test_bits_per_byte,test_accuracy,independent_layers,unique_parameters,trainable_parameters,total_parameters,reduction,peak_resident_bytes,peak_backend_bytes,tokens_per_second,training_seconds,training_flops,measuring_tokens,measuring_flops,measuring_share,backend,tie_map',
      'none,1,completed,10,320,1.75,5.75460267600573,3.5,0.125,2,7.38905609893065,4,0.125,3,5000,5000,5000,0,150000000,2500000,640,0.5,,,,,cpu,0-1-2',
      'all|tied,1,completed,10,320,2.25,9.487735836358526,4.5,0.125,2.5,12.182493960703473,5,0.125,1,3000,3000,5000,0.4,150000000,2500000,640,0.5,,,,,cpu,0-0-0',
    ]);
  });

  it('leaves what could not be measured empty in CSV', () => {
    const broken = { ...trial('none', 1, 2, [0, 1, 2]), test: { nats: Infinity } };
    expect(lines(comparisonCsv(comparison([[broken]])))[1]).toContain(',0.125,,,,,3,5000,');
  });

  it('quotes names that would break a CSV line', () => {
    expect(comparisonCsv(comparison([[trial('a,"b"', 1, 2, [0, 1, 2])]]))).toContain('"a,""b""",1,');
  });

  it('writes a Markdown document with setting, verdict, tie maps, failures and the way to repeat it', () => {
    const text = comparisonMarkdown({
      ...twoSeeds,
      failed: [{ controller: 'cycle', seed: 1, message: 'it broke' }],
      trials: twoSeeds.trials.map((one, index) => ({
        ...one,
        diagnostics: index === 3 ? [{ code: 'reward-saturated', window: 4, message: 'Clipped.' }] : [],
      })),
    });
    expect(text.split('\n').filter((line) => /^#|^- /.test(line))).toEqual([
      '# 2 controllers on tiny',
      '## What it shows',
      '## What each controller costs and gives',
      '## Final tie maps',
      '## Against `none`',
      '## Diagnostics',
      '## Failed',
      '- `cycle`, seed 1: it broke',
      '## To repeat it',
    ]);
    expect(text).toContain(
      '3 layers of width 8 with 2 heads, trained for 10 steps of 2 × 16 tokens (320 in all)',
    );
    expect(text).toContain(
      'tokenizer `byte` (256 tokens), backend `cpu`, seeds 1, 2: 12,000 tokens to train on',
    );
    expect(text).toContain(twoSeeds.verdict);
    expect(text).toContain('of the 5,000 parameters of the untied stack');
    const rows = lines(text).map(cells);
    expect(rows).toContainEqual(['random, seed 1', '0-0-2', '0, 2']);
    expect(rows).toContainEqual(['random', '2', 'reward-saturated', 'Clipped.']);
    const json = text.slice(text.indexOf('```json') + 8, text.lastIndexOf('```'));
    expect(JSON.parse(json)).toEqual(twoSeeds.config);
  });
});

describe('the statistics of a comparison', () => {
  /** Losses of seeds 1 to 5. */
  const five = comparison(
    Object.entries({
      none: [5.32, 5.318, 5.301, 5.322, 5.337],
      cycle: [5.289, 5.301, 5.275, 5.312, 5.294],
    }).map(([name, losses]) => losses.map((nats, index) => trial(name, index + 1, nats, [0, 1, 2]))),
  );

  it('are printed with the numbers of scipy 1.17.1, ttest_rel(cycle, none) and t.interval', () => {
    const [, none, cycle] = statisticsRows(five);
    expect(none).toEqual(['none', '5.320', '5.304 to 5.336', '–', '–', '–', '–', '–', 'the control']);
    expect(cycle?.slice(1)).toEqual([
      '5.294',
      '5.277 to 5.311',
      '-0.025',
      '-0.041 to -0.010',
      '-1.59',
      '0.011',
      // Found 8 times of 10 with 5 pairs: 1.68 standard deviations (G*Power 3.1, paired t, two-sided), of 0.0127.
      '0.021',
      'lower',
    ]);
    const [head, , raw] = lines(statisticsCsv(five)).map((line) => line.split(','));
    const field = (name: string) => Number(raw?.[head?.indexOf(name) ?? -1]);
    expect(field('p_holm')).toBeCloseTo(0.011175802304632896, 12);
    expect(field('difference_low')).toBeCloseTo(-0.04121842897774199, 12);
    expect(raw?.at(-1)).toBe('lower');
  });

  it('are left out where one seed gives none, and say so in CSV', () => {
    expect(table(oneSeed, 'statistics.csv').in).toEqual([]);
    expect(comparisonMarkdown(oneSeed)).not.toContain('## Against');
    expect(lines(statisticsCsv(oneSeed))[2]).toBe('all|tied,1,1,2.5,,,,none,1,0.5,,,,,,,,,,,,untested');
  });
});

describe('the page of a run', () => {
  it('shows metrics, facts and how often the map changed', () => {
    const text = runMarkdown({ ...trial('random', 7, 2, [0, 0, 2]), outcome: 'stopped' });
    const rows = lines(text).map(cells);
    expect(rows).toContainEqual(['Perplexity', '5.755', '7.389']);
    expect(rows).toContainEqual(['Unique parameters', '4.00 k of 5.00 k']);
    expect(rows).toContainEqual(['Reduction', '20.0 %']);
    expect(text).toContain('It was stopped after 10 steps.');
    expect(text).toContain('The tie map changed once during training.');
  });
});

/** The table and the picture of a sweep, from made-up numbers. */
import type { DocumentChart } from '@ligature/core';
import { LANGUAGE_MODEL } from '@ligature/run';
import {
  presentSweep,
  sweepDrawing,
  type Sweep,
  type SweepField,
  type SweepNumber,
  type SweepRow,
} from '@ligature/studies';
import type { Spec } from 'vega';
import { describe, expect, it } from 'vitest';
import { chartSvg, documentMarkdown, tableCsv, tableRows } from '../src/index.js';
import { config, tableOf } from './synthetic.js';

const sweepRows = (sweep: Sweep): string[][] => tableRows(tableOf(presentSweep(sweep), 'sweep.csv'));
const sweepCsv = (sweep: Sweep): string => tableCsv(tableOf(presentSweep(sweep), 'sweep.csv'));
const sweepSpec = (sweep: Sweep, axes?: string[]): Spec => sweepDrawing(sweep, axes).spec as unknown as Spec;
const sweepSvg = (sweep: Sweep): Promise<string> =>
  chartSvg(presentSweep(sweep).body.find((block): block is DocumentChart => block.kind === 'chart')!);

const number = (...values: number[]): SweepNumber => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const alone = values.length < 2;
  return {
    ...{ n: values.length, mean, values, standardDeviation: alone ? null : 0.1 },
    ...{ low: alone ? null : mean - 0.25, high: alone ? null : mean + 0.25 },
  };
};

const row = (id: number, values: unknown[], ...losses: number[]): SweepRow => ({
  ...{ id, label: `#${id}`, values },
  texts: values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
  seeds: losses.map((_, index) => index + 1),
  objective: number(...losses),
  validation: number(...losses),
  test: number(...losses.map((loss) => loss + 0.5)),
  uniqueParameters: number(3000),
  independentLayers: number(1.5),
  tokensPerSecond: number(640),
  floors: [],
  tieMaps: losses.map(() => [0, 1]),
  folders: [],
});

const list = (path: string, ...values: unknown[]): SweepField => ({
  ...{ path, name: path.slice(path.lastIndexOf('.') + 1), text: values.join(', ') },
  dimension: { kind: 'list', values },
});
const range = (path: string, scale: 'linear' | 'log' = 'linear'): SweepField => ({
  ...{ path, name: path.slice(path.lastIndexOf('.') + 1), text: '' },
  dimension: { kind: 'range', low: 0.001, high: 1, scale, integer: false, step: null },
});

const sweepOf = (fields: SweepField[], rows: SweepRow[], objective = 'validation.nats'): Sweep => ({
  task: LANGUAGE_MODEL,
  floors: [],
  ...{ plan: null, keptPlan: null },
  ...{ format: 2, dataset: 'tiny', tokenizer: 'byte', vocabularySize: 256, backend: 'cpu', search: 'grid' },
  ...{ fields, rows, config, note: 'What it shows.', failed: [], unfinished: 0 },
  objective: { metric: objective, goal: 'minimize' },
  seeds: rows[0]?.seeds ?? [],
  configurations: rows.length,
  choice: {
    id: rows[0]?.id ?? 1,
    second: null,
    difference: null,
    shownWorse: [],
    shownEquivalent: [],
    margin: null,
  },
  axes: fields.slice(0, 2).map(({ path }) => path),
});

const grid = sweepOf(
  [list('tying.window', 5, 10), list('reward', 'a', 'b'), list('model.width', 8, 16)],
  [
    row(3, [5, 'b', 8], 1.0, 1.2),
    row(1, [5, 'a', 8], 2.0, 2.2),
    row(2, [5, 'a', 16], 3.0, 3.2),
    row(4, [10, 'a', 8], 4.0, 4.2),
  ],
);

const dataOf = (spec: Spec, name: string): unknown[] =>
  (spec.data as { name: string; values: unknown[] }[]).find((one) => one.name === name)?.values ?? [];

describe('the table of a sweep', () => {
  it('has varied fields, the objective with its interval, the test loss beside it, and costs', () => {
    const [heading, first] = sweepRows(grid);
    expect(heading).toEqual([
      ...[
        '#',
        'window',
        'reward',
        'width',
        'Val. nats',
        'Test nats',
        'Unique params',
        'Own blocks',
        'Tokens/s',
      ],
    ]);
    expect(first).toEqual([
      ...['#3', '5', 'b', '8', '1.100 ± 0.250', '1.600 ± 0.250', '3.00\u00a0k', '1.5', '640'],
    ]);
  });

  it('names another objective in a column of its own, and says where seeds are missing', () => {
    const other = sweepOf([list('tying.window', 5)], [row(1, [5], 1, 2), row(2, [6], 3)], 'test.accuracy');
    const [heading = [], first, second] = sweepRows(other);
    expect(heading.slice(2, 5)).toEqual(['test.accuracy', 'Val. nats', 'Test nats']);
    expect(heading.at(-1)).toBe('Seeds');
    expect([first?.at(-1), second?.at(-1)]).toEqual(['2 of 2', '1 of 2']);
  });

  it('is raw in CSV: paths, bounds, the values of the seeds; what is missing is empty', () => {
    const sweep = sweepOf([list('tying.window', 5)], [row(1, [5], 1, 2), row(2, [6], Number.NaN)]);
    // No cell of these needs quotes.
    const [heading = [], ...cells] = sweepCsv(sweep)
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    const lines = cells.map((line) => Object.fromEntries(line.map((cell, at) => [heading[at], cell])));
    expect(lines[0]).toMatchObject({
      ...{ configuration: '1', 'tying.window': '5', seeds: '1 2', objective_by_seed: '1 2' },
      ...{ validation_nats: '1.5', validation_nats_low: '1.25', test_nats: '2', unique_parameters: '3000' },
    });
    expect(lines[1]).toMatchObject({ validation_nats: '', validation_nats_high: '' });
  });

  it('stands in a document with the note, the failures and the way to repeat it', () => {
    const failed = [{ id: 9, label: 'window=3', seed: 2, message: 'out of luck' }];
    const text = documentMarkdown(presentSweep({ ...grid, failed }));
    for (const part of [
      'What it shows.',
      '| #3 |',
      '![validation.nats over the sweep](<heat-map.svg>)',
      '- `#9 window=3`, seed 2: out of luck',
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain('ligature sweep --config config.json');
  });
});

describe('the picture of a sweep', () => {
  it('is a heat map of means over the other fields, the place of the best outlined', async () => {
    const spec = sweepSpec(grid);
    expect(dataOf(spec, 'cells')).toEqual([
      { x: 5, y: 'b', value: 1.1, text: '1.1', best: true },
      { x: 5, y: 'a', value: 2.6, text: '2.6', best: false },
      { x: 10, y: 'a', value: 4.1, text: '4.1', best: false },
    ]);
    const svg = await sweepSvg(grid);
    // Three cells in colour and one outline.
    expect(svg.match(/role-mark places[^]*?<\/g>/)?.[0].match(/<path/g)).toHaveLength(3);
    expect(svg.match(/role-mark chosen[^]*?<\/g>/)?.[0].match(/<path/g)).toHaveLength(1);
    expect(svg).toContain('>2.6<');
    expect(await sweepSvg(grid)).toBe(svg);
  });

  it('takes other axes', () => {
    const cells = dataOf(sweepSpec(grid, ['model.width', 'tying.window']), 'cells') as {
      x: number;
      y: number;
    }[];
    expect(cells.map(({ x, y }) => [x, y])).toEqual([[8, 5], [16, 5], [8, 10]]); // prettier-ignore
    expect(() => sweepSpec(grid, ['tying.windw'])).toThrow(/no field/);
  });

  it('has dots where a field takes many values, on a logarithmic scale where it was drawn so', async () => {
    const rows = Array.from({ length: 30 }, (_, at) => row(at + 1, [0.001 * 1.2 ** at, at / 30], 2 + at));
    const sweep = sweepOf([range('training.learningRate', 'log'), range('controller.options.x')], rows);
    const spec = sweepSpec(sweep);
    expect(spec.scales?.map(({ type }) => type)).toEqual(['log', 'linear', 'linear']);
    expect((await sweepSvg(sweep)).match(/role-mark places[^]*?<\/g>/)?.[0].match(/<path/g)).toHaveLength(30);
  });

  it('of one field shows means with intervals, joined by a line where it is a number', async () => {
    const one = sweepOf([list('tying.window', 10, 5)], [row(1, [10], 1, 2), row(2, [5], 3, 4)]);
    expect(dataOf(sweepSpec(one), 'points')).toEqual([
      { x: 5, value: 3.5, text: '3.5', low: 3.25, high: 3.75 },
      { x: 10, value: 1.5, text: '1.5', low: 1.25, high: 1.75 },
    ]);
    expect(sweepSpec(one).marks?.map(({ name }) => name)).toEqual(['line', 'intervals', 'means']);
    const words = sweepOf([list('reward', 'b', 'a')], [row(1, ['a'], 1, 2), row(2, ['b'], 3, 4)]);
    expect(dataOf(sweepSpec(words), 'points').map((point) => (point as { x: string }).x)).toEqual(['b', 'a']);
    expect(sweepSpec(words).marks?.map(({ name }) => name)).toEqual(['intervals', 'means']);
    expect(await sweepSvg(words)).toContain('<svg');
  });
});

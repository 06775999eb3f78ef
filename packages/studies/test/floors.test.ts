/** Floors beside results: where they stand in tables, in charts and in words; expected texts are worked out by hand. */
import type { MeasuredFloor, MetricSpec } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { floorBlocks, floorLevels, floorsSentence, sharedFloors } from '../src/index.js';
import { floorFooter } from '../src/audits/floors.js';
import { shown, tableOf, withFloor } from '../src/presentation/rows.js';

const NATS: MetricSpec = { name: 'nats', unit: 'nats', better: 'lower', label: 'loss' };
const ACCURACY: MetricSpec = { name: 'accuracy', unit: '%', better: 'higher' };

const floor = (name: string, nats: number, accuracy: number): MeasuredFloor => ({
  ...{ name, description: `of ${name}s` },
  validation: { nats: nats + 0.5, accuracy },
  test: { nats, accuracy },
});
const UNIGRAM = floor('unigram', 5.87, 0.05);
const BIGRAM = floor('bigram', 4.39, 0.15);
const BOTH = [UNIGRAM, BIGRAM];
const TASK = { metrics: [NATS, ACCURACY], lossUnit: 'nats per token' };

describe('where results stand', () => {
  it('is a share of the way between two floors', () => {
    // (5.87 - 5.69) / (5.87 - 4.39) = 12.2 %, and 5.6 is at 18.2 %.
    expect(floorsSentence(BOTH, NATS, [5.69])).toBe(
      'It ends between the unigram floor (5.870 nats) and the bigram floor (4.390 nats), 12 % of the way.',
    );
    expect(floorsSentence(BOTH, NATS, [5.69, 5.6, 5.65])).toBe(
      'All 3 end between the unigram floor (5.870 nats) and the bigram floor (4.390 nats), 12 to 18 % of the way.',
    );
  });

  it('is said of those before the first and beyond the last floor', () => {
    expect(floorsSentence(BOTH, NATS, [5.9, 6.1])).toBe(
      'Both end above the unigram floor (5.870 nats): no better than what needs no training.',
    );
    expect(floorsSentence(BOTH, NATS, [4.29, 4.19, 6, 5.13])).toBe(
      '1 of 4 ends above the unigram floor (5.870 nats): no better than what needs no training; ' +
        '1 of 4 ends between the unigram floor (5.870 nats) and the bigram floor (4.390 nats), 50 % of the way; ' +
        '2 of 4 end below the bigram floor (4.390 nats), by 0.100 to 0.200 nats.',
    );
    // As good as a floor is not better than it.
    expect(floorsSentence([UNIGRAM], NATS, [5.87])).toBe(
      'It ends at the unigram floor (5.870 nats): no better than what needs no training.',
    );
    expect(floorsSentence([UNIGRAM], NATS, [5.87, 6])).toContain('Both end at or above the unigram floor');
  });

  it('turns round where more is better, and takes floors in any order', () => {
    expect(floorsSentence([BIGRAM, UNIGRAM], ACCURACY, [0.1])).toBe(
      'It ends between the unigram floor (5.0 %) and the bigram floor (15.0 %), 50 % of the way.',
    );
    expect(floorsSentence(BOTH, ACCURACY, [0.2, 0.25])).toBe(
      'Both end above the bigram floor (15.0 %), by 5.0 to 10.0 %.',
    );
    expect(floorsSentence(BOTH, ACCURACY, [0.02])).toContain('below the unigram floor (5.0 %)');
  });

  it('is that of the split that was asked for, and nothing without numbers', () => {
    expect(floorsSentence([UNIGRAM], NATS, [6], 'validation')).toContain(
      'below the unigram floor (6.370 nats)',
    );
    expect(floorsSentence(BOTH, NATS, [Number.NaN])).toBe('');
    expect(floorsSentence([], NATS, [5])).toBe('');
    expect(floorsSentence(BOTH, { ...NATS, name: 'other' }, [5])).toBe('');
    expect(floorsSentence(BOTH, NATS, [Number.NaN, 5.69])).toContain('It ends');
  });
});

describe('floors beside a table', () => {
  const columns = [
    shown<number>('#', 'text', (id) => `#${id}`),
    withFloor(
      shown<number>('Test nats', 'nats', (id) => id),
      'test',
      NATS,
    ),
    shown<number>('Params', 'count', () => 3),
  ];

  it('are lines below the rows, in the columns of their metric alone', () => {
    const { rows, footer, columns: made } = tableOf([5], columns, { caption: '', floors: BOTH });
    expect(rows).toEqual([['#5', 5, 3]]);
    expect(footer).toEqual([
      ['unigram floor', 5.87, ''],
      ['bigram floor', 4.39, ''],
    ]);
    expect(made.some((column) => 'floor' in column)).toBe(false);
    expect(tableOf([5], columns, { caption: '' })).not.toHaveProperty('footer');
    const without = { ...UNIGRAM, test: {} };
    expect(tableOf([5], columns, { caption: '', floors: [without] })).not.toHaveProperty('footer');
  });

  it('stand in a file of their own, raw', () => {
    const [note, table] = floorBlocks(BOTH, TASK);
    expect(note).toMatchObject({
      kind: 'text',
      text: expect.stringContaining('*unigram floor*: of unigrams;'),
    });
    expect(table).toMatchObject({
      file: 'floors.csv',
      in: [],
      rows: [
        ['unigram', 'of unigrams', 6.37, 0.05, 5.87, 0.05],
        ['bigram', 'of bigrams', 4.89, 0.15, 4.39, 0.15],
      ],
    });
    expect(floorBlocks([], TASK)).toEqual([]);
  });

  it('of an audit stand under the primary metric, and under losses in its unit', () => {
    const made = ['cell', 'test_nats', 'last_nats'].map((key) => ({ key, heading: key, unit: '' }));
    const asked = ['test_nats', 'last_nats'];
    expect(floorFooter(made, asked, { floors: [UNIGRAM], ...TASK }).footer).toEqual([
      ['unigram floor', 5.87, 5.87],
    ]);
    const inBits = { ...TASK, lossUnit: 'bits per token' };
    expect(floorFooter(made, asked, { floors: [UNIGRAM], ...inBits }).footer).toEqual([
      ['unigram floor', 5.87, ''],
    ]);
    expect(floorFooter(made, ['last_nats'], { floors: [UNIGRAM], ...inBits })).toEqual({});
    expect(floorFooter(made, asked, { floors: [], ...TASK })).toEqual({});
  });
});

describe('floors of several trials', () => {
  it('are shared when they are the same to the last digit', () => {
    expect(sharedFloors([{ floors: BOTH }, { floors: BOTH }])).toEqual(BOTH);
    expect(sharedFloors([{ floors: BOTH }, { floors: [UNIGRAM] }])).toEqual([]);
    expect(sharedFloors([{ floors: BOTH }, {}])).toEqual([]);
    expect(sharedFloors([{}, { floors: BOTH }])).toEqual([]);
    expect(sharedFloors([])).toEqual([]);
  });

  it('are lines among curves of the loss where it is in their unit', () => {
    expect(floorLevels(BOTH, TASK)).toEqual([
      { label: 'unigram floor 5.870', value: 5.87 },
      { label: 'bigram floor 4.390', value: 4.39 },
    ]);
    expect(floorLevels([{ ...UNIGRAM, test: {} }], TASK)).toEqual([
      { label: 'unigram floor 6.370', value: 6.37 },
    ]);
    expect(floorLevels(BOTH, { ...TASK, metrics: [ACCURACY] })).toEqual([]);
  });
});

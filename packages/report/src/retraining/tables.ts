/** The tables of a retraining, defined once for Markdown, CSV and the terminal. */
import type { Retraining, RetrainingDifference, RetrainingRow } from '@ligature/studies';
import { stringify } from 'csv-stringify/sync';
import { formatQuantity, formatTieMap, quantities } from '../format.js';
import { closeNats, findingText, natsInterval, pValue, signedInterval } from '../landscape/tables.js';

/** What was trained, and where it ended; the run itself first. */
export function retrainingRows({ rows, run }: Retraining): string[][] {
  const line = (row: RetrainingRow): string[] => [
    row.label,
    formatTieMap(row.tieMap),
    String(row.blocks),
    formatQuantity(row.uniqueParameters, quantities.parameters),
    String(row.steps),
    String(row.seeds.length),
    closeNats(row.loss.mean),
    natsInterval(row.loss),
  ];
  const own = rows.find(({ arm }) => arm === 'found');
  const itself = [
    `the run (${run.controller})`,
    formatTieMap(run.tieMap),
    String(run.blocks),
    own ? formatQuantity(own.uniqueParameters, quantities.parameters) : '–',
    String(run.steps),
    '1',
    closeNats(run.loss),
    '–',
  ];
  return [
    ['Trained', 'Tie map', 'Blocks', 'Unique params', 'Steps', 'Seeds', 'Test nats', '95 % interval'],
    itself,
    ...rows.map(line),
  ];
}

/** The differences that answer the questions; `[]` without one. */
export function retrainingDifferenceRows({ map, againstEach, history }: Retraining): string[][] {
  const asked = [...(map ? [map] : []), ...againstEach, ...(history ? [history] : [])];
  if (asked.length === 0) return [];
  const line = (one: RetrainingDifference): string[] => [
    `${one.first} minus ${one.second}`,
    String(one.seeds.length),
    signedInterval(one.difference),
    formatQuantity(one.hedgesG ?? undefined, quantities.effect),
    pValue(one.correctedP),
    findingText(one.finding),
  ];
  return [
    ['Difference', 'Seeds', 'Nats [95 % interval]', "Hedges' g", 'Corrected p', 'Finding'],
    ...asked.map(line),
  ];
}

type Cell = string | number | null | undefined;
const cell = (value: Cell): string | number =>
  typeof value === 'number' && !Number.isFinite(value) ? '' : (value ?? '');

/** One line for each trained thing, raw, with the loss of each seed; the run itself first. */
export function retrainingCsv({ rows, run, seeds }: Retraining): string {
  const lines: Cell[][] = [
    [
      ...['trained', 'controller', 'tie_map', 'blocks', 'unique_parameters', 'steps', 'seeds', 'test_nats'],
      ...[
        'test_nats_sd',
        'test_nats_low',
        'test_nats_high',
        ...seeds.map((seed) => `test_nats_seed_${seed}`),
      ],
    ],
    [
      ...['run', run.controller, formatTieMap(run.tieMap), run.blocks],
      rows.find(({ arm }) => arm === 'found')?.uniqueParameters,
      ...[run.steps, run.seed, run.loss, null, null, null, ...seeds.map(() => null)],
    ],
    ...rows.map((row) => [
      ...[row.label, 'map', formatTieMap(row.tieMap), row.blocks, row.uniqueParameters, row.steps],
      ...[row.seeds.join(' '), row.loss.mean, row.loss.standardDeviation, row.loss.low, row.loss.high],
      ...seeds.map((seed) => row.losses[row.seeds.indexOf(seed)]),
    ]),
  ];
  return stringify(lines.map((line) => line.map(cell)));
}

/** One line for each difference, raw. */
export function retrainingDifferencesCsv({ map, againstEach, history, reached }: Retraining): string {
  const asked = [...(map ? [map] : []), ...againstEach, ...(history ? [history] : [])];
  const lines: Cell[][] = [
    ['first', 'second', 'seeds', 'difference', 'low', 'high', 'p', 'p_holm', 'hedges_g', 'finding'],
    ...asked.map(({ first, second, seeds, difference, p, correctedP, hedgesG, finding }) => [
      ...[first, second, seeds.join(' '), difference.mean, difference.low, difference.high],
      ...[p, correctedP, hedgesG, finding],
    ]),
    ...(reached
      ? [
          [
            ...['run', 'prediction interval of found', '', reached.minusFoundAtItsSeed],
            ...[reached.low, reached.high, null, null, null, ''],
          ],
        ]
      : []),
  ];
  return stringify(lines.map((line) => line.map(cell)));
}

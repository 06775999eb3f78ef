/** The table of a sweep, a line per configuration, defined once for Markdown, CSV and the terminal. */
import type { Sweep, SweepNumber, SweepRow } from '@ligature/studies';
import { stringify } from 'csv-stringify/sync';
import { formatQuantity, quantities, type Quantity } from './format.js';

interface Column {
  /** Heading in CSV. */
  readonly key: string;
  /** Heading for people. */
  readonly heading: string;
  readonly read: (row: SweepRow) => SweepNumber;
  readonly quantity: Quantity;
  /** Costs are means alone: their spread is that of the maps, or of the machine. */
  readonly interval: boolean;
}

const COLUMNS: readonly Column[] = [
  {
    ...{ key: 'validation_nats', heading: 'Val. nats' },
    ...{ read: ({ validationNats }) => validationNats, quantity: quantities.nats, interval: true },
  },
  {
    ...{ key: 'test_nats', heading: 'Test nats' },
    ...{ read: ({ testNats }) => testNats, quantity: quantities.nats, interval: true },
  },
  {
    ...{ key: 'unique_parameters', heading: 'Unique params' },
    ...{ read: ({ uniqueParameters }) => uniqueParameters, quantity: quantities.parameters, interval: false },
  },
  {
    ...{ key: 'independent_layers', heading: 'Own blocks' },
    ...{ read: ({ independentLayers }) => independentLayers, quantity: quantities.layers, interval: false },
  },
  {
    ...{ key: 'tokens_per_second', heading: 'Tokens/s' },
    ...{ read: ({ tokensPerSecond }) => tokensPerSecond, quantity: quantities.rate, interval: false },
  },
];

const BY_METRIC: Readonly<Record<string, Quantity>> = {
  nats: quantities.nats,
  perplexity: quantities.perplexity,
  bitsPerByte: quantities.bitsPerByte,
  accuracy: quantities.share,
  tokensPerSecond: quantities.rate,
  trainingSeconds: quantities.seconds,
  parameters: quantities.parameters,
  trainableParameters: quantities.parameters,
  independentLayers: quantities.layers,
  peakMemory: quantities.bytes,
  peakTensors: quantities.bytes,
};

/** How an objective is printed; what a plug-in measures gets three digits. */
export function objectiveQuantity(metric: string): Quantity {
  return BY_METRIC[metric.slice(metric.lastIndexOf('.') + 1)] ?? quantities.nats;
}

/** Mean and half of the 95 % interval: `5.120 ± 0.031`; the mean alone with one seed. */
export function formatInterval({ mean, high }: SweepNumber, quantity: Quantity): string {
  if (high === null || !Number.isFinite(mean)) return formatQuantity(mean, quantity);
  const { divisor, digits, unit } = quantity(mean);
  return `${(mean / divisor).toFixed(digits)} ± ${((high - mean) / divisor).toFixed(digits)}${unit}`;
}

/** Heading and lines for people, best first. */
export function sweepRows({ fields, objective, rows, seeds }: Sweep): string[][] {
  const columns = [
    objectiveColumn(objective.metric),
    ...COLUMNS.filter((one) => !isObjective(one, objective.metric)),
  ];
  const incomplete = rows.some((row) => row.seeds.length < seeds.length);
  return [
    [
      '#',
      ...fields.map(({ name }) => name),
      ...columns.map(({ heading }) => heading),
      ...(incomplete ? ['Seeds'] : []),
    ],
    ...rows.map((row) => [
      `#${row.id}`,
      ...row.texts,
      ...columns.map(({ read, quantity, interval }) =>
        interval ? formatInterval(read(row), quantity) : formatQuantity(read(row).mean, quantity),
      ),
      ...(incomplete ? [String(row.seeds.length)] : []),
    ]),
  ];
}

const objectiveColumn = (metric: string): Column => ({
  key: 'objective',
  heading: COLUMNS.find((one) => isObjective(one, metric))?.heading ?? metric,
  read: ({ objective }) => objective,
  quantity: objectiveQuantity(metric),
  interval: true,
});

/** The objective has the first column; a second one would only repeat it. */
const isObjective = ({ key }: Column, metric: string): boolean =>
  ({
    validation_nats: 'validation.nats',
    test_nats: 'test.nats',
    unique_parameters: 'parameters',
    independent_layers: 'independentLayers',
    tokens_per_second: 'tokensPerSecond',
  })[key] === metric;

/** One line per configuration, raw: varied fields by their paths, means, bounds of the intervals. */
export function sweepCsv({ fields, objective, rows }: Sweep): string {
  const columns = [{ ...objectiveColumn(objective.metric), key: keyOf(objective.metric) }, ...COLUMNS].filter(
    (column, index) => index === 0 || !isObjective(column, objective.metric),
  );
  const cell = (value: number | null): number | string =>
    value === null || !Number.isFinite(value) ? '' : value;
  return stringify([
    [
      'configuration',
      ...fields.map(({ path }) => path),
      'seeds',
      ...columns.flatMap(({ key, interval }) => (interval ? [key, `${key}_low`, `${key}_high`] : [key])),
      'objective_by_seed',
    ],
    ...rows.map((row) => [
      row.id,
      ...row.texts,
      row.seeds.join(' '),
      ...columns.flatMap(({ read, interval }) => {
        const { mean, low, high } = read(row);
        return interval ? [cell(mean), cell(low), cell(high)] : [cell(mean)];
      }),
      row.objective.values.map(cell).join(' '),
    ]),
  ]);
}

/** `validation.bitsPerByte` -> `validation_bits_per_byte`. */
const keyOf = (metric: string): string =>
  metric.replaceAll('.', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

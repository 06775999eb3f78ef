/** A comparison for programs: raw numbers, no rounding, no units beside those in the headings. */
import type { TrialResult } from '@ligature/run';
import type { Comparison } from '@ligature/studies';
import { stringify } from 'csv-stringify/sync';
import { comparisonColumns } from './columns.js';
import { comparisonMarkdownTable } from './comparison-markdown.js';
import { formatTieMap } from './format.js';

type Cell = string | number | null | undefined;

/** Missing and infinite numbers are empty cells. */
const cell = (value: Cell): string | number =>
  typeof value === 'number' && !Number.isFinite(value) ? '' : (value ?? '');

const TRIAL_CELLS: Readonly<Record<string, (trial: TrialResult) => Cell>> = {
  controller: ({ controller }) => controller,
  seed: ({ seed }) => seed,
  outcome: ({ outcome }) => outcome,
  steps: ({ steps }) => steps,
  tokens: ({ tokens }) => tokens,
  validation_nats: ({ validation }) => validation['nats'],
  validation_perplexity: ({ validation }) => validation['perplexity'],
  validation_bits_per_byte: ({ validation }) => validation['bitsPerByte'],
  validation_accuracy: ({ validation }) => validation['accuracy'],
  test_nats: ({ test }) => test['nats'],
  test_perplexity: ({ test }) => test['perplexity'],
  test_bits_per_byte: ({ test }) => test['bitsPerByte'],
  test_accuracy: ({ test }) => test['accuracy'],
  independent_layers: ({ ledger }) => ledger.independentLayers,
  unique_parameters: ({ ledger }) => ledger.uniqueParameters,
  trainable_parameters: ({ ledger }) => ledger.trainableParameters,
  total_parameters: ({ ledger }) => ledger.totalParameters,
  reduction: ({ ledger }) => 1 - ledger.uniqueParameters / ledger.totalParameters,
  peak_resident_bytes: ({ memory }) => memory.residentBytes,
  peak_backend_bytes: ({ memory }) => memory.backendBytes,
  tokens_per_second: ({ tokensPerSecond }) => tokensPerSecond,
  training_seconds: ({ trainingSeconds }) => trainingSeconds,
  training_flops: ({ trainingFlops }) => trainingFlops,
  backend: ({ backend }) => backend.name,
  tie_map: ({ tieMap }) => formatTieMap(tieMap),
};

/** One line per trial. */
export function comparisonCsv({ trials }: Pick<Comparison, 'trials'>): string {
  const columns = Object.entries(TRIAL_CELLS);
  return stringify([
    columns.map(([heading]) => heading),
    ...trials.map((trial) => columns.map(([, read]) => cell(read(trial)))),
  ]);
}

/** The table of a comparison, one line per controller: for people (`markdown`), or raw (`csv`). */
export function comparisonTable(
  comparison: Comparison,
  { format = 'markdown' }: { readonly format?: 'markdown' | 'csv' } = {},
): string {
  if (format === 'markdown') return comparisonMarkdownTable(comparison);
  const shown = comparisonColumns(comparison.config);
  const several = comparison.rows.some(({ seeds }) => seeds.length > 1);
  return stringify([
    ['controller', 'seeds', ...shown.flatMap(({ key }) => (several ? [key, `${key}_sd`] : [key])), 'tie_map'],
    ...comparison.rows.map((row) => [
      row.controller,
      row.seeds.join(' '),
      ...shown.flatMap(({ spread }) => {
        const { mean, standardDeviation } = spread(row);
        return several ? [cell(mean), cell(standardDeviation)] : [cell(mean)];
      }),
      row.tieMaps.map(formatTieMap).join(' '),
    ]),
  ]);
}

/** Everything, as `comparison.json` holds it. */
export function comparisonJson(comparison: Comparison): string {
  return `${JSON.stringify(comparison, null, 2)}\n`;
}

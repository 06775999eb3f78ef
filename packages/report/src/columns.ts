/** The columns of a comparison, defined once for Markdown, CSV and the terminal. */
import type { RunConfig } from '@ligature/core';
import type { ComparisonRow, Spread } from '@ligature/studies';
import { formatSpread, quantities, type Quantity } from './format.js';

export interface ComparisonColumn {
  /** Heading in CSV: the unit is part of it. */
  readonly key: string;
  /** Heading for people. */
  readonly heading: string;
  readonly spread: (row: ComparisonRow) => Spread;
  readonly quantity: Quantity;
}

const column = (
  key: string,
  heading: string,
  spread: (row: ComparisonRow) => Spread,
  quantity: Quantity,
): ComparisonColumn => ({ key, heading, spread, quantity });

export const COMPARISON_COLUMNS: readonly ComparisonColumn[] = [
  column('validation_nats', 'Val. nats', (row) => row.validationNats, quantities.nats),
  column(
    'validation_perplexity',
    'Val. perplexity',
    (row) => row.validationPerplexity,
    quantities.perplexity,
  ),
  column(
    'validation_bits_per_byte',
    'Val. bits/byte',
    (row) => row.validationBitsPerByte,
    quantities.bitsPerByte,
  ),
  column('test_nats', 'Test nats', (row) => row.testNats, quantities.nats),
  column('test_perplexity', 'Test perplexity', (row) => row.testPerplexity, quantities.perplexity),
  column('test_bits_per_byte', 'Test bits/byte', (row) => row.testBitsPerByte, quantities.bitsPerByte),
  column('test_accuracy', 'Test accuracy', (row) => row.testAccuracy, quantities.share),
  column('independent_layers', 'Independent layers', (row) => row.independentLayers, quantities.layers),
  column('unique_parameters', 'Unique params', (row) => row.uniqueParameters, quantities.parameters),
  column('trainable_parameters', 'Trainable params', (row) => row.trainableParameters, quantities.parameters),
  column('reduction', 'Reduction', (row) => row.reduction, quantities.share),
  column('peak_resident_bytes', 'Peak memory', (row) => row.peakResidentBytes, quantities.bytes),
  column('peak_backend_bytes', 'Peak tensors', (row) => row.peakBackendBytes, quantities.bytes),
  column('tokens_per_second', 'Tokens/s', (row) => row.tokensPerSecond, quantities.rate),
];

const TOKENS = column('training_tokens', 'Training tokens', (row) => row.tokens, quantities.parameters);

/** The columns of a comparison; with the training tokens first where the budget does not make them equal. */
export function comparisonColumns({ training: { budget } }: RunConfig): readonly ComparisonColumn[] {
  const differ = budget?.kind === 'flops' || budget?.kind === 'seconds';
  return differ ? [TOKENS, ...COMPARISON_COLUMNS] : COMPARISON_COLUMNS;
}

/** The text of one cell, for people. */
export function comparisonCell(row: ComparisonRow, { spread, quantity }: ComparisonColumn): string {
  return formatSpread(spread(row), quantity);
}

/** One run as Markdown. */
import type { TrialResult } from '@ligature/run';
import { describeBudget, describeText } from './comparison-markdown.js';
import { formatQuantity, formatTieMap, quantities, type Quantity } from './format.js';
import { code, configurationSection, table } from './markdown.js';

/** Metrics with a known unit, in the order they are shown; others follow raw. */
const KNOWN_METRICS: readonly (readonly [name: string, heading: string, quantity: Quantity])[] = [
  ['nats', 'Nats per token', quantities.nats],
  ['perplexity', 'Perplexity', quantities.perplexity],
  ['bitsPerByte', 'Bits per byte', quantities.bitsPerByte],
  ['accuracy', 'Token accuracy', quantities.share],
];

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** What a run cost and became, as name and text; the terminal shows the same lines. */
export function runFacts(result: TrialResult): Fact[] {
  const { ledger, memory } = result;
  const parameters = (count: number): string => formatQuantity(count, quantities.parameters);
  return [
    { name: 'Controller', value: result.controller },
    { name: 'Steps', value: `${result.steps} (${result.tokens.toLocaleString('en-US')} tokens)` },
    { name: 'Independent layers', value: `${ledger.independentLayers} of ${ledger.layers}` },
    {
      name: 'Unique parameters',
      value: `${parameters(ledger.uniqueParameters)} of ${parameters(ledger.totalParameters)}`,
    },
    { name: 'Trainable parameters', value: parameters(ledger.trainableParameters) },
    {
      name: 'Reduction',
      value: formatQuantity(1 - ledger.uniqueParameters / ledger.totalParameters, quantities.share),
    },
    { name: 'Peak memory', value: formatQuantity(memory.residentBytes, quantities.bytes) },
    { name: 'Peak tensors', value: formatQuantity(memory.backendBytes, quantities.bytes) },
    { name: 'Tokens/s', value: formatQuantity(result.tokensPerSecond, quantities.rate) },
    { name: 'Training time', value: formatQuantity(result.trainingSeconds, quantities.seconds) },
    { name: 'Backend', value: `${result.backend.name} ${result.backend.version} (${result.backend.detail})` },
    { name: 'Final tie map', value: formatTieMap(result.tieMap) },
  ];
}

/** Rows of metric, validation, test. */
export function metricRows({ validation, test }: Pick<TrialResult, 'validation' | 'test'>): string[][] {
  const known = KNOWN_METRICS.filter(([name]) => name in validation || name in test);
  const others = [...new Set([...Object.keys(validation), ...Object.keys(test)])].filter(
    (name) => !KNOWN_METRICS.some(([other]) => other === name),
  );
  const raw = (value: number | undefined): string => (value === undefined ? '–' : String(value));
  return [
    ...known.map(([name, heading, quantity]) => [
      heading,
      formatQuantity(validation[name], quantity),
      formatQuantity(test[name], quantity),
    ]),
    ...others.map((name) => [name, raw(validation[name]), raw(test[name])]),
  ];
}

/** The whole document. */
export function runMarkdown(result: TrialResult): string {
  const { config, diagnostics } = result;
  const changes = result.tieMaps.length - 1;
  const sections = [
    `# ${result.controller} on ${config.dataset.name}, seed ${result.seed}`,
    `${code(config.model.name)} with ${describeBudget(config)} on ${code(config.dataset.name)}: ` +
      `${describeText(result.text)}.` +
      (result.outcome === 'stopped' ? ` It was stopped after ${result.steps} steps.` : ''),
    table([['Metric', 'Validation', 'Test'], ...metricRows(result)]),
    table([['Fact', 'Value'], ...runFacts(result).map(({ name, value }) => [name, value])]),
    `The tie map changed ${changes === 1 ? 'once' : `${Math.max(0, changes)} times`} during training.`,
    ...(diagnostics.length === 0
      ? []
      : ['## Warnings', diagnostics.map(({ code: id, message }) => `- ${code(id)}: ${message}`).join('\n')]),
    configurationSection(config, 'ligature train --config config.json'),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** One run as Markdown. */
import { dataLabel, type TrialResult } from '@ligature/core';
import { capital, code, describeBudget, describeData, metricAxis } from '@ligature/studies';
import { quantityOf } from './document/cells.js';
import { formatQuantity, formatTieMap, quantities } from './format.js';
import { configurationSection, inlineMarkdown, plainMarkdown, table } from './markdown.js';

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
    { name: 'Steps', value: `${result.steps} (${result.tokens.toLocaleString('en-US')} ${result.unit})` },
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
    {
      name: `${capital(result.unit)}/s`,
      value: formatQuantity(result.tokensPerSecond, quantities.rate),
    },
    { name: 'Training time', value: formatQuantity(result.trainingSeconds, quantities.seconds) },
    { name: 'Backend', value: `${result.backend.name} ${result.backend.version} (${result.backend.detail})` },
    { name: 'Final tie map', value: formatTieMap(result.tieMap) },
  ];
}

/** Rows of metric, validation, test: those that the task declares, then whatever else was measured, raw. */
export function metricRows({
  validation,
  test,
  metrics,
  lossUnit,
}: Pick<TrialResult, 'validation' | 'test' | 'metrics' | 'lossUnit'>): string[][] {
  const known = metrics.filter(({ name }) => name in validation || name in test);
  const others = [...new Set([...Object.keys(validation), ...Object.keys(test)])].filter(
    (name) => !metrics.some((metric) => metric.name === name),
  );
  const raw = (value: number | undefined): string => (value === undefined ? '–' : String(value));
  return [
    ...known.map((metric) => {
      const quantity = quantityOf(metric.unit);
      const heading = metricAxis(metric, lossUnit);
      return [
        capital(heading),
        formatQuantity(validation[metric.name], quantity),
        formatQuantity(test[metric.name], quantity),
      ];
    }),
    ...others.map((name) => [name, raw(validation[name]), raw(test[name])]),
  ];
}

/** The whole document. */
export function runMarkdown(result: TrialResult): string {
  const { config, diagnostics } = result;
  const changes = result.tieMaps.length - 1;
  const sizes = describeData(result.data);
  const sections = [
    `# ${plainMarkdown(`${result.controller} on ${dataLabel(config)}`)}, seed ${result.seed}`,
    inlineMarkdown(
      `${code(config.model.name)} with ${describeBudget(config)} on ${code(dataLabel(config))}` +
        `${sizes === '' ? '' : `: ${sizes}`}.` +
        (result.outcome === 'stopped' ? ` It was stopped after ${result.steps} steps.` : ''),
    ),
    table([['Metric', 'Validation', 'Test'], ...metricRows(result)]),
    table([['Fact', 'Value'], ...runFacts(result).map(({ name, value }) => [name, value])]),
    `The tie map changed ${changes === 1 ? 'once' : `${Math.max(0, changes)} times`} during training.`,
    ...(diagnostics.length === 0
      ? []
      : [
          '## Warnings',
          diagnostics
            .map(({ code: id, message }) => `- ${inlineMarkdown(code(id))}: ${plainMarkdown(message)}`)
            .join('\n'),
        ]),
    configurationSection(config, 'ligature train --config config.json'),
  ];
  return `${sections.join('\n\n')}\n`;
}

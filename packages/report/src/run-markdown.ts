/** One run as Markdown. */
import { dataLabel, measuredPart, measuredStep, type Metrics, type TrialResult } from '@ligature/core';
import {
  capital,
  code,
  describeBudget,
  describeData,
  floorName,
  floorsNote,
  floorsSentence,
  measuringShare,
  metricAxis,
  metricName,
} from '@ligature/studies';
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
    ...measuringFact(result),
    { name: 'Training time', value: formatQuantity(result.trainingSeconds, quantities.seconds) },
    { name: 'Backend', value: `${result.backend.name} ${result.backend.version} (${result.backend.detail})` },
    ...mapFacts(result),
  ];
}

/** Names of facts that are a tie map. */
const FINAL_MAP = 'Final tie map';
const BEST_MAP = 'Measured tie map';

/** Whether the map that a result was measured with is what a fact says. */
export const isMeasuredMap = ({ name }: Fact, { best }: Pick<TrialResult, 'best'>): boolean =>
  name === (best ? BEST_MAP : FINAL_MAP);

/** The map that was measured; that of the last step too, where it is another. */
function mapFacts({ tieMap, best }: TrialResult): Fact[] {
  if (best === undefined) return [{ name: FINAL_MAP, value: formatTieMap(tieMap) }];
  const [measured, last] = [tieMap, best.last.tieMap].map(formatTieMap) as [string, string];
  return [
    { name: BEST_MAP, value: measured },
    ...(last === measured ? [] : [{ name: FINAL_MAP, value: `${last} (of the last step)` }]),
  ];
}

/** Under `evaluation.final.of: best`: which step was measured, and by which validation it was chosen. */
export function bestOfRun(result: TrialResult): string[] {
  const { best, metrics, steps } = result;
  const [primary] = metrics;
  const step = measuredStep(result);
  if (best === undefined || step === undefined || primary === undefined) return [];
  const quantity = quantityOf(primary.unit);
  const value = formatQuantity(best.value, quantity);
  const last =
    best.step === steps
      ? ', the last one'
      : `; ${formatQuantity(best.last.value, quantity)} at the last step`;
  return [
    `Validation, test, sizes and tie map are those of ${step}: ${metricName(primary)} ${value} on the batches of the ` +
      `validations on the way${last} (\`evaluation.final.of\`).`,
  ];
}

/** Where anything was measured for a controller or a reward: how much, and which share of all operations that is. */
function measuringFact(result: TrialResult): Fact[] {
  const { measuring, unit } = result;
  if (!measuring || measuring.tokens === 0) return [];
  const share = formatQuantity(measuringShare(result), quantities.share);
  const flops = formatQuantity(measuring.flops / 1e9, quantities.rate);
  const value = `${measuring.tokens.toLocaleString('en-US')} ${unit}, ${flops} GFLOP (${share} of all)`;
  return [{ name: 'Measuring', value }];
}

/** What was measured on one split, and what floors have there. */
export interface MeasuredSplit {
  readonly heading: string;
  readonly metrics: Metrics;
  readonly floors: readonly { readonly name: string; readonly metrics: Metrics }[];
}

/**
 * Heading, then a row for each metric: those that the task declares, then whatever else was measured, raw. Floors stand
 * behind the split that they are measured on. Nothing but the heading where nothing was measured.
 */
export function metricTable(
  { metrics: declared, lossUnit }: Pick<TrialResult, 'metrics' | 'lossUnit'>,
  splits: readonly MeasuredSplit[],
): string[][] {
  const measured = [...new Set(splits.flatMap(({ metrics }) => Object.keys(metrics)))];
  const known = declared.filter(({ name }) => measured.includes(name));
  const others = measured.filter((name) => !declared.some((metric) => metric.name === name));
  const raw = (value: number | undefined): string => (value === undefined ? '–' : String(value));
  const row = (title: string, name: string, print: (value: number | undefined) => string): string[] => [
    title,
    ...splits.flatMap(({ metrics, floors }) => [
      print(metrics[name]),
      ...floors.map((floor) => print(floor.metrics[name])),
    ]),
  ];
  return [
    [
      'Metric',
      ...splits.flatMap(({ heading, floors }) => [
        heading,
        ...floors.map((floor) => capital(floorName(floor))),
      ]),
    ],
    ...known.map((metric) => {
      const quantity = quantityOf(metric.unit);
      return row(capital(metricAxis(metric, lossUnit)), metric.name, (value) =>
        formatQuantity(value, quantity),
      );
    }),
    ...others.map((name) => row(name, name, raw)),
  ];
}

/** Validation and test of a run, with its floors. */
export function resultTable(result: TrialResult): string[][] {
  const split = (heading: string, name: 'validation' | 'test'): MeasuredSplit => ({
    heading,
    metrics: result[name],
    floors: (result.floors ?? []).map((floor) => ({ name: floor.name, metrics: floor[name] })),
  });
  return metricTable(result, [split('Validation', 'validation'), split('Test', 'test')]);
}

/** Where a run stands between its floors, and what they are; nothing where it has none. */
export function floorsOfRun({ floors = [], metrics, test, validation }: TrialResult): string[] {
  const [primary] = metrics;
  if (floors.length === 0 || primary === undefined) return [];
  const split = test[primary.name] === undefined ? 'validation' : 'test';
  const value = (split === 'test' ? test : validation)[primary.name];
  const sentence = value === undefined ? '' : floorsSentence(floors, primary, [value], split);
  return [[sentence, floorsNote(floors)].filter(Boolean).join(' ')];
}

/** The whole document. */
export function runMarkdown(result: TrialResult): string {
  const { config, diagnostics } = result;
  const changes = result.tieMaps.length - 1;
  const sizes = describeData(result.data);
  const part = measuredPart(result);
  const sections = [
    `# ${plainMarkdown(`${result.controller} on ${dataLabel(config)}`)}, seed ${result.seed}`,
    inlineMarkdown(
      `${code(config.model.name)} with ${describeBudget(config)} on ${code(dataLabel(config))}` +
        `${sizes === '' ? '' : `: ${sizes}`}.` +
        (result.outcome === 'stopped' ? ` It was stopped after ${result.steps} steps.` : ''),
    ),
    table(resultTable(result)),
    ...(part === undefined ? [] : [`Measured on ${part}, evenly over the splits.`]),
    ...bestOfRun(result).map(inlineMarkdown),
    ...floorsOfRun(result).map(inlineMarkdown),
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

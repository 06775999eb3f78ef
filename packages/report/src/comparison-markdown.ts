/** A comparison as Markdown: what was compared, the table, the tie maps, what it shows, how to repeat it. */
import { independentLayers, type RunConfig } from '@ligature/core';
import type { TextSummary } from '@ligature/run';
import type { Comparison, ComparisonRow } from '@ligature/studies';
import { comparisonCell, comparisonColumns } from './columns.js';
import { formatQuantity, formatTieMap, quantities } from './format.js';
import { code, configurationSection, table } from './markdown.js';
import { statisticsSection } from './statistics.js';

/** The table alone; the final tie map is that of the first seed. */
export function comparisonMarkdownTable({ config, rows }: Comparison): string {
  const columns = comparisonColumns(config);
  const headings = ['Controller', ...columns.map(({ heading }) => heading), 'Final tie map'];
  return table([
    headings,
    ...rows.map((row) => [
      row.controller,
      ...columns.map((column) => comparisonCell(row, column)),
      finalMap(row),
    ]),
  ]);
}

function finalMap({ tieMaps, seeds }: ComparisonRow): string {
  const [first] = tieMaps;
  if (first === undefined) return '–';
  return tieMaps.length > 1 ? `${formatTieMap(first)} (seed ${seeds[0]})` : formatTieMap(first);
}

export interface Figure {
  readonly title: string;
  /** Relative to the document. */
  readonly path: string;
}

/** The whole document; `figures` are pictures to show, already written beside it. */
export function comparisonMarkdown(
  comparison: Comparison,
  { figures = [] }: { readonly figures?: readonly Figure[] } = {},
): string {
  const { config, rows } = comparison;
  const sections = [
    `# ${rows.length} controllers on ${comparison.dataset}`,
    setting(comparison),
    comparisonMarkdownTable(comparison),
    legend(comparison),
    `## What it shows`,
    comparison.verdict,
    ...statisticsSection(comparison),
    `## Final tie maps`,
    tieMaps(rows),
    ...figures.map(({ title, path }) => `![${title}](<${path}>)`),
    ...failures(comparison),
    ...diagnostics(comparison),
    configurationSection(config, 'ligature compare --config config.json'),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

/** One sentence on model, data and budget. */
export function describeBudget({ model, training }: RunConfig): string {
  const { budget } = training;
  const rows = training.batch * training.accumulation;
  const tokens = (training.steps * rows * model.context).toLocaleString('en-US');
  const each = `${rows} × ${model.context} tokens`;
  const spent =
    budget?.kind === 'flops' || budget?.kind === 'seconds'
      ? `${formatBudget(budget)} in steps of ${each}`
      : `${training.steps} steps of ${each} (${tokens} in all)`;
  return (
    `${model.layers} layers of width ${model.width} with ${model.heads} heads, ` + `trained for ${spent}`
  );
}

/** `1e12 FLOPs`, `60 seconds`. */
function formatBudget({ kind, amount }: NonNullable<RunConfig['training']['budget']>): string {
  const unit = kind === 'flops' ? 'FLOPs' : amount === 1 ? 'second' : 'seconds';
  const number = amount < 1e6 ? amount.toLocaleString('en-US') : amount.toExponential().replace('e+', 'e');
  return `${number} ${unit}`;
}

/** Sizes of the splits, and who cut them. */
export function describeText({ trainingTokens, validationTokens, testTokens, splits }: TextSummary): string {
  const [train, validation, test] = [trainingTokens, validationTokens, testTokens].map((count) =>
    count.toLocaleString('en-US'),
  );
  const origin = splits === 'official' ? "the publisher's splits" : 'splits cut by Ligature';
  return `${train} tokens to train on, ${validation} to validate, ${test} to test (${origin})`;
}

function setting({ config, dataset, tokenizer, vocabularySize, backend, seeds, trials }: Comparison): string {
  const text = trials[0] ? `: ${describeText(trials[0].text)}` : '';
  return (
    `${code(config.model.name)} with ${describeBudget(config)} on ${code(dataset)}, ` +
    `tokenizer ${code(tokenizer)} (${vocabularySize} tokens), backend ${code(backend)}, ` +
    `${seeds.length === 1 ? 'seed' : 'seeds'} ${seeds.join(', ')}${text}. ` +
    equalTerms(config)
  );
}

function equalTerms({ training: { budget } }: RunConfig): string {
  const start = 'and, per seed, the same initial weights';
  if (budget?.kind !== 'flops' && budget?.kind !== 'seconds')
    return `Every controller got the same tokens in the same order ${start}.`;
  const what =
    budget.kind === 'flops'
      ? 'FLOPs of training steps, by the ledger'
      : 'seconds of training, on this machine';
  return `Every controller got the same ${what}, the text in the same order ${start}; the tokens differ.`;
}

/** What to know of times that were not measured on an idle machine; empty when trials ran one at a time. */
export function sideBySideNote({ compare: { parallel }, threads }: RunConfig): string {
  if (typeof parallel !== 'number' || parallel < 2) return '';
  const each = threads === null ? '' : ` on ${threads} ${threads === 1 ? 'thread' : 'threads'} each`;
  return `Tokens/s and seconds were measured with ${parallel} trials side by side${each}.`;
}

function legend({ config, seeds, trials }: Comparison): string {
  const untied = trials[0]
    ? `${formatQuantity(trials[0].ledger.totalParameters, quantities.parameters)} `
    : '';
  const spread =
    seeds.length > 1 ? ` Numbers are means over ${seeds.length} seeds ± sample standard deviation.` : '';
  return (
    `Nats are per token. Parameters are counted once per block; *Reduction* is the share of the ` +
    `${untied}parameters of the untied stack that a controller does without. ` +
    `*Peak memory* is the whole process, *Peak tensors* what the backend held.${spread} ${sideBySideNote(config)}`.trimEnd()
  );
}

function tieMaps(rows: readonly ComparisonRow[]): string {
  return table([
    ['Controller', 'Seed', 'Tie map', 'Independent layers'],
    ...rows.flatMap((row) =>
      row.tieMaps.map((map, index) => [
        row.controller,
        String(row.seeds[index] ?? ''),
        formatTieMap(map),
        independentLayers(map).join(', '),
      ]),
    ),
  ]);
}

function failures({ failed }: Comparison): string[] {
  if (failed.length === 0) return [];
  const lines = failed.map(
    ({ controller, seed, message }) => `- ${code(controller)}, seed ${seed}: ${message}`,
  );
  return ['## Failed', lines.join('\n')];
}

function diagnostics({ trials }: Comparison): string[] {
  const lines = trials.flatMap(({ controller, seed, diagnostics: notes }) =>
    notes.map(({ code: id, message }) => `- ${code(controller)}, seed ${seed}, ${code(id)}: ${message}`),
  );
  return lines.length === 0 ? [] : ['## Warnings', lines.join('\n')];
}

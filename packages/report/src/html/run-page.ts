/** The page of one run. */
import { dataLabel, independentLayers, measuredPart } from '@ligature/core';
import { csvLines } from '@ligature/recorders';
import { runCharts } from '../charts/run-charts.js';
import { decisionText, valuesText } from '../charts/run-tie-map.js';
import { capital, describeBudget, describeData } from '@ligature/studies';
import { inlineHtml } from '../document/inline-html.js';
import { formatQuantity, formatTieMap, quantities } from '../format.js';
import type { RunRecord } from '../load/run-folder.js';
import { bestOfRun, floorsOfRun, resultTable, runFacts, runMarkdown, type Fact } from '../run-markdown.js';
import type { RunTrace, WindowTrace } from '../trace/run-trace.js';
import { everyNth, short } from '../trace/thin.js';
import { markup, type Markup } from './markup.js';
import { pageHtml, type Download } from './page.js';
import { configHtml, factsHtml, heading, mapHtml, provenanceHtml } from './parts.js';
import { tableHtml } from './table.js';

/** Rows that the table of windows has at most: a page is to stay small. */
const WINDOWS = 400;

/** HTML text of the whole page. */
export async function runPage(run: RunRecord): Promise<string> {
  const { config, manifest, trace, result } = run;
  const controller = result?.controller ?? trace.controller;
  const sizes = result ? describeData(result.data) : '';
  const charts = runCharts(trace, result?.floors ?? manifest.floors);
  const [headings = [], ...measured] = result ? resultTable(result) : [];
  return pageHtml({
    title: `${controller} on ${dataLabel(config)}, seed ${config.seed}`,
    kind: 'run',
    downloads: downloads(run),
    body: [
      markup`<p class="lead">${config.model.name} with ${describeBudget(config)} on ${dataLabel(config)}${sizes === '' ? '' : `: ${sizes}`}.</p>`,
      ...(result?.outcome === 'completed' ? [] : [endingHtml(trace)]),
      ...missingHtml(trace),
      factsHtml(result ? runFacts(result) : traceFacts(trace)),
      ...(trace.windows.length > 0 ? [finalMapHtml(trace)] : []),
      ...(result && measured.length > 0
        ? [
            ...bestOfRun(result).map((text) => markup`<p class="note">${inlineHtml(text)}</p>`),
            tableHtml({
              caption: `Measured on ${measuredPart(result) ?? 'the whole splits'}, ${result.best ? `with the weights of step ${result.best.step}` : 'after training'}`,
              headings,
              rows: measured,
            }),
            ...floorsOfRun(result).map((text) => markup`<p class="note">${inlineHtml(text)}</p>`),
          ]
        : []),
      heading('What happened'),
      ...charts,
      ...memoryTable(run),
      ...windowsHtml(trace),
      ...diagnosticsHtml(trace),
      provenanceHtml(manifest, 'ligature train --config config.json'),
      configHtml(config),
    ],
  });
}

/** Half a log must not pass for a whole one. */
function missingHtml({ missingSteps }: RunTrace): Markup[] {
  if (missingSteps === undefined) return [];
  return [
    markup`<p class="warn">The log begins after step ${missingSteps}: its older files are gone, as <code>eventLog.keepFiles</code> has it. Curves and windows begin there, and their tokens, seconds and operations are counted from there. A result counts all.</p>`,
  ];
}

function endingHtml({ steps, plannedSteps, outcome }: RunTrace): Markup {
  const how = outcome === 'failed' ? 'It failed' : 'It has not ended: it goes on, or was stopped';
  return markup`<p class="warn">${how} after ${steps.at(-1)?.step ?? 0} of ${plannedSteps} steps. What follows is what there is.</p>`;
}

function traceFacts({ controller, steps, plannedSteps, layers, ledgers, unit }: RunTrace): Fact[] {
  const ledger = ledgers.at(-1)?.ledger;
  const last = steps.at(-1);
  return [
    { name: 'Controller', value: controller },
    { name: 'Steps', value: `${last?.step ?? 0} of ${plannedSteps}` },
    { name: capital(unit), value: (last?.tokens ?? 0).toLocaleString('en-US') },
    ...(ledger ? [{ name: 'Independent layers', value: `${ledger.independentLayers} of ${layers}` }] : []),
    ...(ledger
      ? [{ name: 'Unique parameters', value: formatQuantity(ledger.uniqueParameters, quantities.parameters) }]
      : []),
    { name: 'Training time', value: formatQuantity(last?.seconds, quantities.seconds) },
  ];
}

function finalMapHtml({ windows }: RunTrace): Markup {
  const map = windows.at(-1)?.tieMap ?? [];
  const own = independentLayers(map).length;
  return markup`<p>Tie map at the end: ${mapHtml(map)} <span class="soft">(${own} of ${map.length} layers with a block of their own)</span></p>`;
}

function memoryTable({ trace, result }: RunRecord): Markup[] {
  const [first, last] = [trace.ledgers[0]?.ledger, trace.ledgers.at(-1)?.ledger];
  if (!first || !last) return [];
  const most = (part: keyof typeof last.bytes): number =>
    trace.ledgers.reduce((least, { ledger }) => Math.max(least, ledger.bytes[part]), 0);
  const bytes = (value: number) => ({ text: formatQuantity(value, quantities.bytes), sort: value });
  const none = { text: '–', sort: Number.NaN };
  const parts = ['weights', 'gradients', 'moments', 'activations'] as const;
  return [
    tableHtml({
      caption: 'Memory: counted by the ledger, and measured',
      headings: ['Part', 'At the beginning', 'At most', 'At the end'],
      rows: [
        ...parts.map((part) => [part, bytes(first.bytes[part]), bytes(most(part)), bytes(last.bytes[part])]),
        ...(result
          ? [
              ['measured: tensors after a step', none, bytes(result.memory.backendBytes), none],
              ['measured: the whole process', none, bytes(result.memory.residentBytes), none],
            ]
          : []),
      ],
    }),
  ];
}

const WINDOW_HEADINGS = [
  'Window',
  'Steps',
  'Layer',
  'Decision',
  'Explored',
  'Epsilon',
  'Q-values',
  'Reward',
  'Tie map',
];

function windowsHtml({ windows }: RunTrace): Markup[] {
  if (windows.length === 0) return [];
  const { kept, every } = everyNth(windows, WINDOWS);
  const some = every > 1 ? ` (one in ${every}; the CSV has the same, events.jsonl all)` : '';
  const number = (value: number | null | undefined) =>
    value === undefined || value === null
      ? { text: '–', sort: Number.NaN }
      : { text: String(short(value)), sort: value };
  const rows = kept.map(({ window, from, to, layer, decision, reward, tieMap }) => {
    const { explored, epsilon, values } = decision?.notes ?? {};
    return [
      { text: String(window), sort: window },
      { text: `${from + 1}–${to}`, sort: from },
      number(layer),
      decision ? decisionText(decision, layer) : '–',
      explored === undefined ? '–' : explored ? 'yes' : 'no',
      number(epsilon),
      values && values.length > 0 ? valuesText(values, 12) : '–',
      { ...number(reward?.reward), ...(reward?.saturated && { text: `${short(reward.reward)} (clipped)` }) },
      formatTieMap(tieMap),
    ];
  });
  const caption = `Windows: what was decided in each, and what came of it${some}`;
  return [
    markup`<details class="screen"><summary>All that the tie map shows at the pointer, as a table</summary>
${tableHtml({ caption, headings: WINDOW_HEADINGS, rows, words: [3, 6, 8], tall: true })}</details>`,
  ];
}

function diagnosticsHtml({ diagnostics }: RunTrace): Markup[] {
  if (diagnostics.length === 0) return [heading('Diagnostics'), markup`<p>None was raised.</p>`];
  return [
    heading('Diagnostics'),
    tableHtml({
      caption: 'What the diagnostics noticed: rules of thumb, not tests',
      headings: ['Code', 'Window', 'Message'],
      rows: diagnostics.map(({ code, window, message }) => [
        code,
        { text: String(window), sort: window },
        message,
      ]),
      words: [2],
      tall: diagnostics.length > 12,
    }),
  ];
}

function downloads({ trace, result }: RunRecord): Download[] {
  const { kept } = everyNth(trace.windows, WINDOWS);
  return [
    ...(result ? [{ name: 'report.md', type: 'text/markdown', text: runMarkdown(result) } as const] : []),
    ...(result ? [{ name: 'metrics.csv', type: 'text/csv', text: metricsCsv(result) } as const] : []),
    { name: 'windows.csv', type: 'text/csv', text: windowsCsv(kept) },
  ];
}

/** With the step whose weights were measured, where that was chosen. */
function metricsCsv({ validation, test, best }: NonNullable<RunRecord['result']>): string {
  const names = [...new Set([...Object.keys(validation), ...Object.keys(test)])];
  return csvLines([
    ['metric', 'validation', 'test', ...(best ? ['measured_step'] : [])],
    ...names.map((name) => [name, validation[name], test[name], ...(best ? [best.step] : [])]),
  ]);
}

/** One line per window; numbers to six digits. */
export function windowsCsv(windows: readonly WindowTrace[]): string {
  return csvLines([
    [
      ...[
        'window',
        'sweep',
        'layer',
        'first_step',
        'last_step',
        'decision',
        'source',
        'explored',
        'epsilon',
        'values',
      ],
      ...['reward', 'reward_before_clipping', 'saturated', 'tie_map'],
    ],
    ...windows.map(({ window, sweep, layer, from, to, decision, reward, tieMap }) => {
      const { explored, epsilon, values } = decision?.notes ?? {};
      return [
        ...[window, sweep, layer, from + 1, to, decision?.kind, decision?.source, text(explored), epsilon],
        ...[values?.map(digits).join(' '), digits(reward?.reward), digits(reward?.raw)],
        ...[text(reward?.saturated), formatTieMap(tieMap)],
      ];
    }),
  ]);
}

const text = (value: boolean | undefined): string => (value === undefined ? '' : String(value));

const digits = (value: number | null | undefined): string =>
  value === undefined || value === null ? '' : String(short(value));

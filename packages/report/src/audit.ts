/** An audit of an official claim: its tables for people (Markdown, terminals) and for programs (CSV), and its page. */
import type { AuditCell, AuditReport, AuditTable, AuditUnit } from '@ligature/studies';
import { stringify } from 'csv-stringify/sync';
import { formatQuantity, quantities, type Quantity } from './format.js';
import { code, configurationSection, table } from './markdown.js';
import type { Figure } from './comparison-markdown.js';

const UNITS: Readonly<Record<Exclude<AuditUnit, 'text' | 'probability'>, Quantity>> = {
  count: () => ({ divisor: 1, digits: 0, unit: '' }),
  layers: quantities.layers,
  nats: quantities.nats,
  share: quantities.share,
  parameters: quantities.parameters,
  bytes: quantities.bytes,
  operations: quantities.parameters,
  rate: quantities.rate,
  effect: quantities.effect,
};

/** The text of one cell, for people. */
function auditCell(value: AuditCell, unit: AuditUnit): string {
  if (typeof value === 'string') return value;
  if (value === null || unit === 'text') return formatQuantity(value ?? undefined, quantities.nats);
  if (unit === 'probability') return value < 0.001 ? '< 0.001' : value.toFixed(3);
  return formatQuantity(value, UNITS[unit]);
}

/** Heading and lines of a table, for people. */
export function auditRows({ columns, rows }: AuditTable): string[][] {
  return [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => row.map((value, index) => auditCell(value, columns[index]?.unit ?? 'text'))),
  ];
}

/** One line per row, raw numbers, `''` for what was not measured. */
export function auditCsv({ columns, rows }: AuditTable): string {
  const cell = (value: AuditCell): string | number =>
    typeof value === 'number' && !Number.isFinite(value) ? '' : (value ?? '');
  return stringify([columns.map(({ key }) => key), ...rows.map((row) => row.map(cell))]);
}

/**
 * The whole page.
 *
 * @param command that repeats it with the configuration saved beside it; figures lie beside it, too
 */
export function auditMarkdown(
  report: AuditReport,
  { command, figures = [] }: { readonly command: string; readonly figures?: readonly Figure[] },
): string {
  const { title, question, method, tables, finding, limits, failed, config } = report;
  const sections = [
    `# ${title}`,
    `*${question}*`,
    method,
    ...tables
      .filter(({ detail, rows }) => detail !== true && rows.length > 0)
      .flatMap((one) => [`## ${one.title}`, table(auditRows(one))]),
    ...figures.map((figure) => `![${figure.title}](<${figure.path}>)`),
    '## What it shows',
    finding,
    '## What it does not show',
    limits.map((limit) => `- ${limit}`).join('\n'),
    ...(failed.length === 0
      ? []
      : [
          '## Failed',
          failed
            .map(({ controller, seed, message }) => `- ${controller}, seed ${seed}: ${message}`)
            .join('\n'),
        ]),
    config === null ? `## To repeat it\n\nRun ${code(command)}.` : configurationSection(config, command),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** Everything, as the JSON file holds it. */
export function auditJson(report: AuditReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** Audits in the terminal: what there are, and what one says. */
import type { AuditReport } from '@ligature/studies';
import { auditRows } from '@ligature/report';
import type { Io } from '../io.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';
import { foldedGrid } from '../terminal/tables.js';
import { AUDITS } from './audit-list.js';

const INDENT = '  ';

export function auditListText(io: Io): string {
  const columns = columnsOf(io.stdout);
  const paint = paintFor(io.stdout, io.env);
  const entries = AUDITS.map(({ name, question, runs }) =>
    [paint.bold(name), wrap(question, columns, INDENT), paint.dim(wrap(runs, columns, INDENT))].join('\n'),
  );
  return `${entries.join('\n')}\n`;
}

/** Tables as narrow as the terminal, the finding, the files. */
export function auditText(report: AuditReport, io: Io, files: readonly string[]): string {
  const columns = columnsOf(io.stdout);
  const paint = paintFor(io.stdout, io.env);
  const prose = Math.min(columns, 100);
  const { title, method, tables, finding, failed } = report;
  const sections = [
    `${paint.bold(title)}\n${wrap(method, prose)}`,
    ...tables
      .filter(({ detail, rows }) => detail !== true && rows.length > 0)
      .map(
        (table) =>
          `${paint.bold(wrap(table.title, columns))}\n${foldedGrid(auditRows(table), columns, paint)}`,
      ),
    failed
      .map(({ controller, seed, message }) =>
        wrap(`${paint.red('failed')} ${controller}, seed ${seed}: ${message}`, columns),
      )
      .join('\n'),
    wrap(finding, prose),
    ['Written:', ...files.map((file) => `  ${file}`)].join('\n'),
  ];
  return `\n${sections.filter(Boolean).join('\n\n')}\n`;
}

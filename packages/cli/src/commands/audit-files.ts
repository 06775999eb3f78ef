/** The files that an audit leaves in its folder: `audit-NAME.{md,json,csv,svg}`, and a CSV for each further table. */
import { join } from 'node:path';
import { writeWhole } from '@ligature/run';
import { type AuditReport } from '@ligature/studies';
import { auditCsv, auditJson, auditMarkdown, auditSvg } from '@ligature/report';

/** @returns the paths of what was written, the ones for people first */
export async function writeAudit(report: AuditReport, folder: string, command: string): Promise<string[]> {
  const { audit, tables, figure, config } = report;
  const base = `audit-${audit}`;
  const drawn = figure.series.some(({ points }) => points.length > 0);
  const figures = drawn ? [{ title: figure.title, path: `${base}.svg` }] : [];
  const texts = new Map<string, string>([[`${base}.md`, auditMarkdown(report, { command, figures })]]);
  if (drawn) texts.set(`${base}.svg`, await auditSvg(figure));
  tables.forEach((table, index) =>
    texts.set(index === 0 ? `${base}.csv` : `${base}-${table.key}.csv`, auditCsv(table)),
  );
  texts.set(`${base}.json`, auditJson(report));
  if (config !== null) texts.set('config.json', `${JSON.stringify(config, null, 2)}\n`);
  for (const [name, text] of texts) writeWhole(join(folder, name), text);
  return [...texts.keys()].map((name) => join(folder, name));
}

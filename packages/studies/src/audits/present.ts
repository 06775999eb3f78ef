/** An audit as tables, a picture and words: the same for all of them. */
import type { StudyDocument } from '@ligature/core';
import { floorBlocks } from '../presentation/floors.js';
import { heading } from '../presentation/rows.js';
import type { AuditReport } from './types.js';

/** @param command that repeats it with the configuration saved beside it */
export function presentAudit(report: AuditReport, command: string): StudyDocument {
  const { audit, title, question, method, tables, figure, finding, limits, failed, unfinished, config } =
    report;
  const { floors } = report;
  const name = `audit-${audit}`;
  const drawn = figure.series.some(({ points }) => points.length > 0);
  const { title: figureTitle, ...lines } = figure;
  return {
    name,
    kind: 'audit',
    title,
    lead: method,
    verdict: finding,
    body: [
      { kind: 'text', text: `*${question}*`, in: ['markdown', 'page'] },
      ...tables.map(({ key, title: caption, columns, rows, footer, detail }, index) => ({
        kind: 'table' as const,
        ...{ caption, columns, rows },
        file: index === 0 ? `${name}.csv` : `${name}-${key}.csv`,
        ...(footer && { footer }),
        ...(detail === true && { in: [] }),
      })),
      ...(floors ? floorBlocks(floors.floors, floors, `${name}-floors.csv`) : []),
      ...(drawn
        ? [
            {
              kind: 'chart' as const,
              id: 'figure',
              title: figureTitle,
              alt: `${figureTitle}. ${figure.yTitle} by ${figure.xTitle}: ${figure.series.map((one) => one.name).join(', ')}.`,
              notes: [],
              file: `${name}.svg`,
              drawing: { kind: 'lines' as const, ...lines },
            },
          ]
        : []),
      heading('What it shows'),
      { kind: 'verdict' },
      { kind: 'heading', text: 'What it does not show', in: ['markdown', 'page'] },
      { kind: 'list', items: limits, in: ['markdown', 'page'] },
    ],
    ...{ failed, config, command },
    unfinished: unfinished ?? 0,
  };
}

/** Of an audit that trains. */
export const auditCommand = (audit: string): string => `ligature audit ${audit} --config config.json`;

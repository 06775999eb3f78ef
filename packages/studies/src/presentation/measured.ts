/** Says in what a study shows that its trials were measured on a part of the splits; the same for every study. */
import {
  measuredPart,
  type DocumentBlock,
  type DocumentTable,
  type FinishedTrial,
  type StudyDocument,
  type TrialResult,
} from '@ligature/core';

/** Of a trial that took them whole. */
const WHOLE = 'the whole splits';

/** Below the first table in words, and in every CSV file by a column; as it is where whole splits were measured. */
export function withMeasured(document: StudyDocument, finished: readonly FinishedTrial[]): StudyDocument {
  const parts = [...new Set(finished.map(({ result }) => measuredPart(result) ?? WHOLE))];
  if (parts.every((part) => part === WHOLE)) return document;
  const note: DocumentBlock = { kind: 'text', text: noteOn(parts, finished) };
  const measured = parts.length === 1 ? (parts[0] as string) : 'not the same for all trials';
  const first = document.body.findIndex(isShown);
  const body = document.body.flatMap((block, at) => [
    block.kind === 'table' && block.file !== undefined ? withColumn(block, 'measured_on', measured) : block,
    ...(at === first ? [note] : []),
  ]);
  return { ...document, body: first === -1 ? [note, ...body] : body };
}

function noteOn(parts: readonly string[], finished: readonly FinishedTrial[]): string {
  if (parts.length === 1) {
    return `Measured after training on ${parts[0]}, evenly over the splits and the same for every trial (\`evaluation.final\`).`;
  }
  const of = (part: string): string =>
    finished
      .filter(({ result }) => (measuredPart(result) ?? WHOLE) === part)
      .map(({ trial: { label, seed } }) => `${label}, seed ${seed}`)
      .join('; ');
  const list = parts.map((part) => `${part} (${of(part)})`).join(', and ');
  return `The trials were not measured on the same batches, so that differences between these say little: ${list}.`;
}

/** Whether a block is a table wherever the document is shown. */
export const isShown = (block: DocumentBlock): boolean => block.kind === 'table' && block.in === undefined;

/** One more column for the file of a table, the same in every row. */
export const withColumn = (table: DocumentTable, key: string, value: string): DocumentTable => ({
  ...table,
  columns: [...table.columns, { key, unit: '' }],
  rows: table.rows.map((row) => [...row, value]),
});

/** Equal for trials whose values may be set against each other. */
export const measuredKey = ({ subset = {} }: Pick<TrialResult, 'subset'>): string =>
  JSON.stringify(Object.entries(subset).sort(([a], [b]) => (a < b ? -1 : 1)));

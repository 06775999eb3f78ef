import type { DocumentBlock, StudyDocument } from '@ligature/core';
import { broken } from '../harness/finding.js';
import { difference, show } from '../harness/show.js';

const KINDS = ['heading', 'text', 'verdict', 'list', 'tie-maps', 'table', 'chart'];
const TEXTS = ['name', 'kind', 'title', 'lead', 'verdict', 'command'] as const;

/** @throws Finding of the rule that is being checked */
export function assertDocument(document: StudyDocument): void {
  if (typeof document !== 'object' || document === null) return broken(`present gave ${show(document)}`);
  for (const name of TEXTS) {
    if (typeof document[name] !== 'string' || document[name] === '')
      broken(`its ${name} is ${show(document[name])}`);
  }
  if (!Number.isInteger(document.unfinished)) broken(`unfinished is ${show(document.unfinished)}`);
  if (!Array.isArray(document.body)) return broken(`its body is ${show(document.body)}`);
  for (const block of document.body as readonly DocumentBlock[]) assertBlock(block);
  const named = (names: readonly (string | undefined)[], what: string): void => {
    const known = names.filter((name) => name !== undefined);
    const twice = known.find((name, at) => known.indexOf(name) !== at);
    if (twice !== undefined) broken(`${what} "${twice}" is there twice`);
  };
  const blocks = document.body as readonly DocumentBlock[];
  named(
    blocks.map((block) => (block.kind === 'chart' ? block.id : undefined)),
    'the chart',
  );
  named(
    blocks.map((block) => (block.kind === 'chart' || block.kind === 'table' ? block.file : undefined)),
    'the file',
  );
  const found = difference(document, JSON.parse(JSON.stringify(document)), ['in memory', 'after JSON']);
  if (found !== undefined) broken(found);
}

function assertBlock(block: DocumentBlock): void {
  if (!KINDS.includes(block?.kind)) broken(`a block is ${show(block)}`);
  if (block.kind !== 'table') return;
  for (const row of block.rows) {
    if (row.length !== block.columns.length)
      broken(`a row of "${block.caption}" has ${row.length} cells for ${block.columns.length} columns`);
  }
}

/** How a text falls into groups that no chunk goes beyond: the row groups of the official code, and documents. */
import { InputError } from '@ligature/core';
import type { Piece } from './pieces.js';

/** Rows of a group in the official code: the batch size of `datasets.map(batched=True)`. */
const ROWS_OF_GROUP = 1000;

/** UTF-16 units that a group may have: its ids are made at once. */
const MOST_UNITS = 1 << 25;

/** The texts of the row groups of `text`: 1000 lines each, white lines dropped, the others joined as they are. */
export function rowGroups(text: string): string[] {
  const rows = text.match(/[^\n]*\n|[^\n]+$/gu) ?? [];
  const groups: string[] = [];
  for (let first = 0; first < rows.length; first += ROWS_OF_GROUP) {
    groups.push(groupOf(rows.slice(first, first + ROWS_OF_GROUP)));
  }
  return groups;
}

const groupOf = (rows: readonly string[]): string => rows.filter((row) => row.trim() !== '').join('');

/** The same of a text that comes in parts. @throws InputError (`text-group-too-long`) */
export async function* rowGroupPieces(parts: AsyncIterable<string>): AsyncGenerator<Piece> {
  let rows: string[] = [];
  let held = '';
  let units = 0;
  for await (const part of parts) {
    const lines = (held + part).split('\n');
    held = lines.pop() as string;
    for (const line of lines) {
      rows.push(`${line}\n`);
      units += line.length + 1;
      if (rows.length < ROWS_OF_GROUP) continue;
      yield { text: groupOf(rows), endsGroup: true };
      [rows, units] = [[], 0];
    }
    if (units + held.length > MOST_UNITS) tooLong('a group of 1000 lines');
  }
  if (held !== '') rows.push(held);
  if (rows.length > 0) yield { text: groupOf(rows), endsGroup: true };
}

/** The documents of a text: what stands between separators, but for what has nothing but white space. */
export const documentsOf = (text: string, separator: string): string[] =>
  text.split(separator).filter((document) => document.trim() !== '');

/** The same of a text that comes in parts. @throws InputError (`text-group-too-long`) */
export async function* documentPieces(
  parts: AsyncIterable<string>,
  separator: string,
): AsyncGenerator<Piece> {
  let held = '';
  for await (const part of parts) {
    // A separator may lie across the border of two parts: what is held has none, and is looked at from near its end on.
    const from = Math.max(0, held.length - separator.length + 1);
    held += part;
    if (!held.includes(separator, from)) {
      if (held.length > MOST_UNITS) tooLong('a document');
      continue;
    }
    const documents = held.split(separator);
    held = documents.pop() as string;
    for (const text of documents) if (text.trim() !== '') yield { text, endsGroup: true };
  }
  if (held.trim() !== '') yield { text: held, endsGroup: true };
}

function tooLong(what: string): never {
  throw new InputError('text-group-too-long', {
    asked: 'Encode the text in parts',
    found: `${what} in it has more than ${MOST_UNITS} characters`,
    todo: 'Cut the text as one: --set task.chunking=contiguous',
  });
}

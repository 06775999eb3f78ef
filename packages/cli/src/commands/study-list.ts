/** Studies in the terminal: what there are, what they ask and what they run. */
import { visibleIn, type StudyCommand } from '@ligature/core';
import { STATUS } from '../errors.js';
import { columnsOf, paintFor, wrap } from '../terminal/paint.js';
import type { Context } from './context.js';

const INDENT = '  ';

/** @param studies by the names that their command takes */
export function listStudies(studies: Readonly<Record<string, StudyCommand>>, { io, json }: Context): number {
  const listed = Object.entries(studies).map(([name, { description, runs }]) => ({
    name,
    question: description,
    ...(runs !== undefined && { runs }),
  }));
  if (json) {
    io.stdout.write(`${JSON.stringify(listed, null, 2)}\n`);
    return STATUS.ok;
  }
  const columns = columnsOf(io.stdout);
  const paint = paintFor(io.stdout, io.env);
  const entries = visibleIn(listed).map(({ name, question, runs }) =>
    [
      paint.bold(name),
      wrap(question, columns, INDENT),
      ...(runs === undefined ? [] : [paint.dim(wrap(runs, columns, INDENT))]),
    ].join('\n'),
  );
  io.stdout.write(`${entries.join('\n')}\n`);
  return STATUS.ok;
}

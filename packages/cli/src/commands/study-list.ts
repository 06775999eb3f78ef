/** Studies in the terminal: what there are, what they ask and what they run. */
import type { StudyCommand } from '@ligature/core';
import { loadPlugins } from '@ligature/run';
import { createHost } from '../builtins.js';
import { STATUS } from '../errors.js';
import type { Io } from '../io.js';
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
  const entries = listed.map(({ name, question, runs }) =>
    [
      paint.bold(name),
      wrap(question, columns, INDENT),
      ...(runs === undefined ? [] : [paint.dim(wrap(runs, columns, INDENT))]),
    ].join('\n'),
  );
  io.stdout.write(`${entries.join('\n')}\n`);
  return STATUS.ok;
}

/** The studies of some plug-ins, beside those that the command has anyway. */
export async function loadStudies(
  plugins: readonly string[],
  { cwd }: Pick<Io, 'cwd'>,
): Promise<Readonly<Record<string, StudyCommand>>> {
  const host = createHost();
  const known = new Set(host.names('studies'));
  await loadPlugins(host, { plugins: [...plugins] }, cwd);
  return Object.fromEntries(
    host.all('studies').flatMap(({ name, entry }) => (known.has(name) ? [] : [[name, entry.command]])),
  );
}

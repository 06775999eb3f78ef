/** The events of a log, read in pieces while somebody may be writing it. */
// eslint-disable-next-line no-restricted-imports -- `openSync` is for reading here
import { closeSync, constants, existsSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { ContractError, parseEventLine, type LigatureEvent } from '@ligature/core';
import { CURRENT, indices, rotated, type LogPosition } from './log-files.js';

/** Bytes that are read at a time. */
const CHUNK = 2 ** 20;
/** No event comes near it, not even one of before they were bounded. */
const LONGEST_LINE = 2 ** 28;
// Neither a pipe nor a device is waited for.
const FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The events of a run's log up to a position, oldest first; without one, up to the last whole line. Rotated files
 * that were dropped are simply not there; events of types that only a newer version knows are passed over.
 *
 * @throws ContractError (`event-log-damaged`) naming the file and line that is no event, or a file that is missing
 *   between others
 */
export function* readEventLog(folder: string, until?: LogPosition): Generator<LigatureEvent> {
  let next = indices(folder)[0];
  for (;;) {
    if (next !== undefined && until && next > until.file + 1) return;
    const isLast = until !== undefined && (next === until.file + 1 || next === undefined);
    const path = next === undefined ? undefined : join(folder, rotated(next));
    if (path !== undefined && existsSync(path)) {
      yield* eventsIn(path, openSync(path, FLAGS), isLast ? until.bytes : Infinity);
      next = (next as number) + 1;
      continue;
    }
    const current = join(folder, CURRENT);
    const file = existsSync(current) ? openSync(current, FLAGS) : undefined;
    // Rotated away before it was opened: then it is read under that name first.
    const there = indices(folder);
    if (next === undefined ? there.length > 0 : there.includes(next)) {
      if (file !== undefined) closeSync(file);
      next ??= there[0];
      continue;
    }
    if (next !== undefined && there.some((index) => index > (next as number))) {
      if (file !== undefined) closeSync(file);
      throw damaged(folder, `${rotated(next)} is missing between others`);
    }
    if (file !== undefined) yield* eventsIn(current, file, until ? until.bytes : Infinity);
    return;
  }
}

function* eventsIn(path: string, file: number, bytes: number): Generator<LigatureEvent> {
  try {
    if (!fstatSync(file).isFile()) throw damaged(path, 'it is no plain file');
    let number = 0;
    for (const line of linesIn(path, file, bytes)) {
      number += 1;
      const read = parseEventLine(line);
      if (read.kind === 'invalid') throw damaged(path, `line ${number} is no event: ${read.found}`);
      if (read.kind === 'event') yield read.event;
    }
  } finally {
    closeSync(file);
  }
}

/** Whole lines. What follows the last line end was torn by a crash, or is being written. */
function* linesIn(path: string, file: number, bytes: number): Generator<string> {
  const chunk = Buffer.alloc(Math.min(CHUNK, Math.max(1, fstatSync(file).size)));
  let begun: Buffer[] = [];
  for (let at = 0; at < bytes;) {
    const read = readSync(file, chunk, 0, Math.min(chunk.length, bytes - at), at);
    if (read === 0) return;
    at += read;
    const got = chunk.subarray(0, read);
    let from = 0;
    for (let end = got.indexOf(10); end >= 0; end = got.indexOf(10, from)) {
      yield Buffer.concat([...begun, got.subarray(from, end)]).toString('utf8');
      begun = [];
      from = end + 1;
    }
    if (from < read) begun.push(Buffer.from(got.subarray(from)));
    if (begun.length * CHUNK > LONGEST_LINE) throw damaged(path, 'a line has no end');
  }
}

function damaged(path: string, found: string): ContractError {
  return new ContractError('event-log-damaged', {
    asked: `Read the event log ${path}`,
    found,
    todo: 'Restore the file, or train again',
  });
}

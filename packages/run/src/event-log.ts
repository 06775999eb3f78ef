/**
 * The event log of a run: every durable event as one JSON line, in the order of delivery, in `events.jsonl`. A long log is
 * rotated: the file becomes `events-000001.jsonl` and a new one begins; the oldest files beyond a limit go.
 *
 * A checkpoint remembers how long the log was. Resuming cuts it back to that length, so that the log of an
 * interrupted run reads like that of one that never stopped; a last line torn by a crash goes with the cut.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  ContractError,
  InputError,
  type EventBus,
  type LigatureEvent,
  type Recorder,
  type RunConfig,
  parseEventLine,
} from '@ligature/core';
import { AppendFile, nodeFileSystem, readPlainFileSync, unwritableOut } from '@ligature/core/node';
import { z } from 'zod';

const CURRENT = 'events.jsonl';
const rotated = (index: number): string => `events-${String(index).padStart(6, '0')}.jsonl`;

/** Where a log stands: files rotated away so far, and bytes of the current one. */
export interface LogPosition {
  readonly file: number;
  readonly bytes: number;
}

export const logPositionSchema = z.strictObject({ file: z.int().min(0), bytes: z.int().min(0) });

export interface LogLimits {
  /** Bytes after which a file is rotated. */
  readonly rotateBytes: number;
  /** Rotated files that are kept. */
  readonly keepFiles: number;
}

/** The limits of a configuration. */
export function logLimits({ rotateMegabytes, keepFiles }: RunConfig['eventLog']): LogLimits {
  return { rotateBytes: rotateMegabytes * 2 ** 20, keepFiles };
}

export class EventLog implements Recorder {
  readonly name = 'event-log';

  private constructor(
    private readonly folder: string,
    private file: AppendFile,
    private at: LogPosition,
    private readonly limits: LogLimits,
  ) {}

  /** Begins a log. @throws InputError (`out-unwritable`), also when there is one already */
  static async create(folder: string, limits: LogLimits): Promise<EventLog> {
    try {
      return new EventLog(
        folder,
        await AppendFile.create(join(folder, CURRENT)),
        { file: 0, bytes: 0 },
        limits,
      );
    } catch (cause) {
      throw unwritableOut(folder, cause);
    }
  }

  /**
   * Cuts a log back to a position and goes on from there.
   *
   * @throws InputError (`run-log-short`) when the log does not reach that far
   */
  static async resume(folder: string, at: LogPosition, limits: LogLimits): Promise<EventLog> {
    const current = join(folder, CURRENT);
    const since = join(folder, rotated(at.file + 1));
    const kept = existsSync(since) ? since : current;
    const length = existsSync(kept) ? statSync(kept).size : -1;
    if (length < at.bytes) {
      throw new InputError('run-log-short', {
        asked: `Resume the event log of "${folder}"`,
        found: `the checkpoint was taken at byte ${at.bytes}, the log has ${Math.max(length, 0)}`,
        todo: 'Put the whole log back, or train again: a log with a gap would pass for a whole one',
      });
    }
    try {
      // From the newest on: after a crash in between, what is left is a log all the same.
      if (kept !== current) await nodeFileSystem.rename(kept, current);
      for (const index of indices(folder).reverse()) {
        if (index > at.file) await nodeFileSystem.remove(join(folder, rotated(index)));
      }
      await nodeFileSystem.syncFolder(folder);
      const file = await AppendFile.open(current);
      file.cutBack(at.bytes);
      file.sync();
      return new EventLog(folder, file, at, limits);
    } catch (cause) {
      throw unwritableOut(folder, cause);
    }
  }

  get position(): LogPosition {
    return this.at;
  }

  attach(bus: EventBus): () => void {
    return bus.handle({
      type: '*',
      phase: 'record',
      name: this.name,
      handle: (event) => this.append(event),
    });
  }

  /** Everything so far is on the disk afterwards: a checkpoint may refer to it. */
  sync(): void {
    this.file.sync();
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async append(event: LigatureEvent): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    try {
      if (this.at.bytes > 0 && this.at.bytes + line.length > this.limits.rotateBytes) await this.rotate();
      await this.file.append(line);
      this.at = { ...this.at, bytes: this.at.bytes + line.length };
    } catch (cause) {
      throw unwritableOut(this.folder, cause);
    }
  }

  private async rotate(): Promise<void> {
    this.file.sync();
    await this.file.close();
    const file = this.at.file + 1;
    await nodeFileSystem.rename(join(this.folder, CURRENT), join(this.folder, rotated(file)));
    // Syncs the folder, too: the new name and the new file are there after a power cut, or neither.
    this.file = await AppendFile.create(join(this.folder, CURRENT));
    this.at = { file, bytes: 0 };
    await nodeFileSystem.remove(join(this.folder, rotated(file - this.limits.keepFiles)));
  }
}

const indices = (folder: string): number[] =>
  readdirSync(folder)
    .flatMap((name) => /^events-(\d{6,})\.jsonl$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

/**
 * The events of a run's log up to a position, oldest first; without one, up to the last whole line. Rotated files
 * that were dropped are simply not there; events of types that only a newer version knows are passed over.
 *
 * @throws ContractError (`event-log-damaged`) naming the file and line that is no event
 */
export function* readEventLog(folder: string, until?: LogPosition): Generator<LigatureEvent> {
  const whole = indices(folder).filter((index) => until === undefined || index <= until.file);
  for (const index of whole) yield* eventsIn(join(folder, rotated(index)));
  const current = join(folder, CURRENT);
  // Not cut yet: the position may lie in a file that was rotated away since.
  const next = until && join(folder, rotated(until.file + 1));
  const last = next !== undefined && existsSync(next) ? next : current;
  if (existsSync(last)) yield* eventsIn(last, until?.bytes);
}

function* eventsIn(path: string, bytes?: number): Generator<LigatureEvent> {
  const text = readLog(path).subarray(0, bytes).toString('utf8');
  const lines = text.split('\n');
  // What follows the last line end was torn by a crash, or is empty.
  lines.pop();
  for (const [index, line] of lines.entries()) {
    const read = parseEventLine(line);
    if (read.kind === 'invalid') {
      throw new ContractError('event-log-damaged', {
        asked: `Read the event log ${path}`,
        found: `line ${index + 1} is no event: ${read.found}`,
        todo: 'Restore the file, or train again',
      });
    }
    if (read.kind === 'event') yield read.event;
  }
}

function readLog(path: string): Buffer {
  try {
    return readPlainFileSync(path);
  } catch (cause) {
    throw new ContractError(
      'event-log-damaged',
      {
        asked: `Read the event log ${path}`,
        found: (cause as Error).message,
        todo: 'Restore the file, or train again',
      },
      { cause },
    );
  }
}

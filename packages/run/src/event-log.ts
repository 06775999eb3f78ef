/**
 * The event log of a run: every durable event as one JSON line, in the order of delivery, in `events.jsonl`. A long log is
 * rotated: the file becomes `events-000001.jsonl` and a new one begins; the oldest files beyond a limit go.
 *
 * A checkpoint remembers how long the log was, and a digest of each of its files. Resuming checks both and then cuts the
 * log back to that length, so that the log of an interrupted run reads like that of one that never stopped; a last line
 * torn by a crash goes with the cut.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { EventBus, LigatureEvent, Recorder, RunConfig } from '@ligature/core';
import { AppendFile, nodeFileSystem, unwritableOut } from '@ligature/core/node';
import { checkLog, type CheckedLog, type LogFileDigest } from './log-check.js';
import { CURRENT, indices, placeOf, rotated, type LogPosition } from './log-files.js';

export interface LogLimits {
  /** Bytes after which a file is rotated. */
  readonly rotateBytes: number;
  /** Rotated files that are kept, besides those that a checkpoint needs. */
  readonly keepFiles: number;
}

/** The limits of a configuration. */
export function logLimits({ rotateMegabytes, keepFiles }: RunConfig['eventLog']): LogLimits {
  return { rotateBytes: rotateMegabytes * 2 ** 20, keepFiles };
}

export class EventLog implements Recorder {
  readonly name = 'event-log';
  /** Of the rotated files that are there. */
  private whole: readonly LogFileDigest[];
  private begun: CheckedLog['begun'];
  /** Where the oldest checkpoint stands that the run may go back to. */
  private needed: LogPosition | undefined;

  private constructor(
    private readonly folder: string,
    private file: AppendFile,
    private at: LogPosition,
    private readonly limits: LogLimits,
    { whole, begun }: CheckedLog,
  ) {
    this.whole = whole;
    this.begun = begun;
  }

  /** Begins a log. @throws InputError (`out-unwritable`), also when there is one already */
  static async create(folder: string, limits: LogLimits): Promise<EventLog> {
    try {
      const file = await AppendFile.create(join(folder, CURRENT));
      return new EventLog(folder, file, { file: 0, bytes: 0 }, limits, nothing());
    } catch (cause) {
      throw unwritableOut(folder, cause);
    }
  }

  /**
   * Cuts a log back to a position and goes on from there.
   *
   * @param known what the checkpoint of that position says of the log's files; earlier versions did not say it
   * @throws InputError: `run-log-short` when the log does not reach that far, `run-log-changed` when it is another one;
   *   nothing is cut then
   */
  static async resume(
    folder: string,
    at: LogPosition,
    limits: LogLimits,
    known?: readonly LogFileDigest[],
  ): Promise<EventLog> {
    const checked = await checkLog(folder, at, oldestFor(at, limits), known);
    try {
      const file = await cut(folder, at, checked);
      const log = new EventLog(folder, file, at, limits, checked);
      log.keepFrom(at);
      return log;
    } catch (cause) {
      throw unwritableOut(folder, cause);
    }
  }

  get position(): LogPosition {
    return this.at;
  }

  /** Of all files that are there, oldest first. */
  get digests(): readonly LogFileDigest[] {
    const sha256 = this.begun.copy().digest('hex');
    return [...this.whole, { file: this.at.file + 1, bytes: this.at.bytes, sha256 }];
  }

  /** Files that a checkpoint at this position, or a later one, knows are not thrown away. */
  keepFrom(position: LogPosition): void {
    this.needed = position;
  }

  attach(bus: EventBus): () => void {
    return bus.handle({
      type: '*',
      phase: 'record',
      name: this.name,
      handle: (event) => this.append(event),
    });
  }

  /** Everything so far is on the disk afterwards: a checkpoint may refer to it. @throws InputError (`out-unwritable`) */
  sync(): void {
    try {
      this.file.sync();
    } catch (cause) {
      throw unwritableOut(this.folder, cause);
    }
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async append(event: LigatureEvent): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(event)}\n`);
    try {
      if (this.at.bytes > 0 && this.at.bytes + line.length > this.limits.rotateBytes) await this.rotate();
      await this.file.append(line);
      this.begun.update(line);
      this.at = { ...this.at, bytes: this.at.bytes + line.length };
    } catch (cause) {
      throw unwritableOut(this.folder, cause);
    }
  }

  private async rotate(): Promise<void> {
    this.file.sync();
    await this.file.close();
    const { digests: whole } = this;
    const file = this.at.file + 1;
    await nodeFileSystem.rename(join(this.folder, CURRENT), join(this.folder, rotated(file)));
    // Syncs the folder, too: the new name and the new file are there after a power cut, or neither.
    this.file = await AppendFile.create(join(this.folder, CURRENT));
    this.at = { file, bytes: 0 };
    this.begun = nothing().begun;
    const oldest = oldestFor(this.needed ?? this.at, this.limits);
    this.whole = whole.filter((one) => one.file >= oldest);
    for (const one of whole) if (one.file < oldest) await this.remove(one.file);
  }

  private remove(file: number): Promise<void> {
    return nodeFileSystem.remove(join(this.folder, rotated(file)));
  }
}

/** Of the rotated files that are kept for whoever goes back to a position. */
const oldestFor = ({ file }: LogPosition, { keepFiles }: LogLimits): number => file - keepFiles + 1;

const nothing = (): CheckedLog => ({ whole: [], begun: createHash('sha256') });

/** From the current file on: what is left after a crash in between is a log that can be cut all the same. */
async function cut(folder: string, at: LogPosition, { whole }: CheckedLog): Promise<AppendFile> {
  const current = join(folder, CURRENT);
  const place = placeOf(folder, at.file + 1);
  if (place !== current) await nodeFileSystem.rename(place, current);
  const kept = new Set(whole.map(({ file }) => file));
  // Later ones, and older ones that a crash kept from being thrown away.
  for (const index of indices(folder).reverse()) {
    if (!kept.has(index)) await nodeFileSystem.remove(join(folder, rotated(index)));
  }
  await nodeFileSystem.syncFolder(folder);
  const file = await AppendFile.open(current);
  file.cutBack(at.bytes);
  file.sync();
  return file;
}

/**
 * Reads an event log on while it grows, `events-000001.jsonl` to `events.jsonl`, without watching it: a look at size
 * and time of change tells whether there is anything new. A line that has not ended yet waits. When what was read
 * before is not there any more (a run that was resumed cuts its log back), reading starts over.
 */
import { constants, type BigIntStats } from 'node:fs';
import { readdir, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { openPlainFile } from '@ligature/core/node';

const CURRENT = 'events.jsonl';
/** Bytes that are read at a time. A longer line is damaged: no event comes near it. */
const CHUNK = 2 ** 20;
/** Bytes before the position that must still be what they were. */
const REMEMBERED = 64;

const rotated = (file: number): string => `events-${String(file).padStart(6, '0')}.jsonl`;

export interface Reading {
  readonly lines: readonly string[];
  /** Lines that were too long to be read. */
  readonly damaged: number;
  /** Everything before was forgotten: `lines` are the first ones. */
  readonly restarted: boolean;
  /** Whether there is more to be read at once. */
  readonly more: boolean;
}

const NOTHING: Reading = { lines: [], damaged: 0, restarted: false, more: false };

export class LogTail {
  /** Number that the file being read has, or will have when it is rotated away; 0: nothing was read yet. */
  private file = 0;
  private offset = 0;
  private before: Buffer = Buffer.alloc(0);
  /** In a line that is longer than a chunk. */
  private skipping = false;
  /** The current file as it was when all of it had been read. */
  private seen: string | undefined;

  constructor(private readonly folder: string) {}

  /** Reads at most one chunk. Rejects with the system's error when there is no log, or none that may be read. */
  async read(): Promise<Reading> {
    const current = await stat(join(this.folder, CURRENT), { bigint: true });
    const look = looks(current);
    if (look === this.seen) return NOTHING;
    if (this.file === 0 || (await this.isGone())) return this.restart();
    const old = await openFile(join(this.folder, rotated(this.file)));
    if (old) return this.readFrom(old, 'rotated', look);
    const now = await openFile(join(this.folder, CURRENT));
    return now ? this.readFrom(now, 'current', look) : NOTHING;
  }

  /** Whether the file being read is neither a rotated one nor the one that will be rotated next. */
  private async isGone(): Promise<boolean> {
    const there = await this.rotatedFiles();
    return this.file !== (there.at(-1) ?? 0) + 1 && !there.includes(this.file);
  }

  private async restart(): Promise<Reading> {
    const first = this.file === 0;
    const there = await this.rotatedFiles();
    this.turnTo(there[0] ?? 1);
    const reading = await this.read();
    return { ...reading, restarted: !first || reading.restarted };
  }

  private turnTo(file: number): void {
    this.file = file;
    this.offset = 0;
    this.before = Buffer.alloc(0);
    this.skipping = false;
    this.seen = undefined;
  }

  private async readFrom(handle: FileHandle, kind: 'rotated' | 'current', look: string): Promise<Reading> {
    try {
      const start = this.offset - this.before.length;
      const buffer = Buffer.alloc(this.before.length + CHUNK);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, start);
      const known = buffer.subarray(0, this.before.length);
      if (bytesRead < this.before.length || !known.equals(this.before)) {
        await handle.close();
        return await this.restart();
      }
      return this.take(buffer.subarray(0, bytesRead), kind, look);
    } finally {
      // Closing twice does nothing.
      await handle.close();
    }
  }

  private take(bytes: Buffer, kind: 'rotated' | 'current', look: string): Reading {
    const fresh = bytes.subarray(this.before.length);
    const end = fresh.lastIndexOf(0x0a) + 1;
    const full = fresh.length === CHUNK;
    let damaged = 0;
    let taken = end;
    let from = 0;
    if (this.skipping && end > 0) {
      from = fresh.indexOf(0x0a) + 1;
      this.skipping = false;
    }
    if (end === 0 && full) {
      taken = fresh.length;
      if (!this.skipping) damaged = 1;
      this.skipping = true;
    }
    const lines = fresh
      .toString('utf8', from, end)
      .split('\n')
      .filter((line) => line.trim() !== '');
    this.offset += taken;
    const upTo = bytes.length - fresh.length + taken;
    this.before = Buffer.from(bytes.subarray(Math.max(0, upTo - REMEMBERED), upTo));
    if (full) return { lines, damaged, restarted: false, more: true };
    if (kind === 'current') {
      this.seen = look;
      return { lines, damaged, restarted: false, more: false };
    }
    // The rest of a rotated file is a line that nobody will end.
    if (taken < fresh.length && !this.skipping) damaged += 1;
    this.turnTo(this.file + 1);
    return { lines, damaged, restarted: false, more: true };
  }

  private async rotatedFiles(): Promise<number[]> {
    return (await readdir(this.folder))
      .flatMap((name) => /^events-(\d{6,12})\.jsonl$/.exec(name)?.[1] ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }
}

const looks = ({ ino, size, mtimeNs }: BigIntStats): string => `${ino}/${size}/${mtimeNs}`;

/** A plain file, opened for reading; a link or a pipe is none. */
async function openFile(path: string): Promise<FileHandle | undefined> {
  try {
    return await openPlainFile(path, constants.O_RDONLY, { links: 'refuse' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || code === 'ENOENT' || code === 'ELOOP') return undefined;
    throw error;
  }
}

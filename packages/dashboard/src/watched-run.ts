/** One run that is watched: its log is read on, and what it has told is kept. */
import type { FoundRun } from './find-runs.js';
import { LogTail, type Reading } from './log-tail.js';
import { readEvent } from './read-event.js';
import { RunHistory } from './run-history.js';
import { isHeld } from './run-holder.js';
import type { RunDetail, RunState, RunSummary } from './wire.js';

/** Milliseconds without growth after which a run that nobody holds a lock on counts as stopped. */
const SILENCE = 15_000;
/** Milliseconds between looks at a lock. */
const LOCK_LOOKS = 1000;

export class WatchedRun {
  /** Grows with every change that can be seen. */
  version = 1;

  private tail: LogTail;
  private history = new RunHistory();
  private damagedLines = 0;
  private loading = true;
  private held = false;
  private state: RunState = 'stopped';
  private grewAt = -Infinity;
  private lockSeenAt = -Infinity;
  private cached: { version: number; most: number; detail: RunDetail } | undefined;

  constructor(
    readonly found: FoundRun,
    private readonly now: () => number,
  ) {
    this.tail = new LogTail(found.folder);
  }

  /** Reads at most one chunk of the log. @returns whether there is more to read at once */
  async poll(): Promise<boolean> {
    const first = this.loading;
    // A log that is being rotated, or was removed just now, has nothing to tell; the search notices the latter.
    const reading = await this.tail.read().catch((): Reading | undefined => undefined);
    if (reading) this.take(reading, first);
    await this.look();
    return reading?.more ?? false;
  }

  summary(): RunSummary {
    const { id, name } = this.found;
    const { state, damagedLines, loading } = this;
    return { id, name, ...this.history.told(), state, damagedLines, loading };
  }

  /** @param most points of each curve */
  detail(most: number): RunDetail {
    if (this.cached?.version !== this.version || this.cached.most !== most) {
      this.cached = { version: this.version, most, detail: this.history.detail(this.found.id, most) };
    }
    return this.cached.detail;
  }

  private take({ lines, damaged, restarted, more }: Reading, first: boolean): void {
    if (restarted) {
      this.history = new RunHistory();
      this.damagedLines = 0;
    }
    this.damagedLines += damaged;
    for (const line of lines) {
      const event = readEvent(line);
      if (event === 'damaged') this.damagedLines += 1;
      else if (event) this.history.observe(event);
    }
    const changed = lines.length > 0 || damaged > 0 || restarted;
    // What was there before anybody looked says nothing of now.
    if (changed && !first) this.grewAt = this.now();
    if (changed || more !== this.loading) this.version += 1;
    this.loading = more;
  }

  private async look(): Promise<void> {
    const { ended } = this.history;
    const now = this.now();
    if (!ended && now - this.lockSeenAt >= LOCK_LOOKS) {
      this.lockSeenAt = now;
      this.held = await isHeld(this.found.folder);
    }
    const state = ended ?? (this.held || now - this.grewAt < SILENCE ? 'running' : 'stopped');
    if (state !== this.state) this.version += 1;
    this.state = state;
  }
}

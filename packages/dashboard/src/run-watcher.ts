/** Everything in a folder of runs, kept up to date by looking at it: notifications of file systems cannot be relied on. */
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { findRuns } from './find-runs.js';
import { WatchedRun } from './watched-run.js';

/** Milliseconds between looks at the logs, and between searches for new runs. */
const LOOKS = 300;
const SEARCHES = 900;
/** Logs that are looked at side by side. */
const SIDE_BY_SIDE = 8;
/** Runs that are watched; the first ones by name. */
const MOST_RUNS = 1000;

export interface RunWatcherOptions {
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

export class RunWatcher {
  /** By id, in the order of names. */
  runs: ReadonlyMap<string, WatchedRun> = new Map();
  /** Runs beyond those that are watched. */
  left = 0;

  private readonly now: () => number;
  private readonly stopping = new AbortController();
  private readonly listeners = new Set<() => void>();
  private searchedAt = -Infinity;
  private done: Promise<void> = Promise.resolve();

  constructor(
    private readonly root: string,
    { now = () => performance.now() }: RunWatcherOptions = {},
  ) {
    this.now = now;
  }

  start(): void {
    this.done = this.watch();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    await this.done;
  }

  /** Calls back after every look. @returns a function that ends it */
  onLook(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** One look at everything. @returns whether there is more to be read at once */
  async look(): Promise<boolean> {
    if (this.now() - this.searchedAt >= SEARCHES) await this.search();
    const waiting = [...this.runs.values()];
    let more = false;
    const work = async (): Promise<void> => {
      for (let run = waiting.shift(); run && !this.stopping.signal.aborted; run = waiting.shift()) {
        more = (await run.poll()) || more;
        // Requests are answered in between.
        await turn();
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    for (const listener of this.listeners) listener();
    return more;
  }

  private async search(): Promise<void> {
    this.searchedAt = this.now();
    const found = await findRuns(this.root);
    this.left = Math.max(0, found.length - MOST_RUNS);
    this.runs = new Map(
      found
        .slice(0, MOST_RUNS)
        .map((one) => [one.id, this.runs.get(one.id) ?? new WatchedRun(one, this.now)]),
    );
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const more = await this.look();
      if (!more && !signal.aborted) await sleep(LOOKS, undefined, { signal }).catch(() => undefined);
    }
  }
}

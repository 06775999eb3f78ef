/** What one open page is told, as server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
import type { ServerResponse } from 'node:http';
import type { RunWatcher } from './run-watcher.js';
import type { RunSummary, StreamEvents } from './wire.js';

/** Points of all curves of one kind together, and what each curve gets of them. */
const POINTS = 8_000;
const FEWEST_POINTS = 40;
const MOST_POINTS = 800;

export class PageStream {
  private readonly most: number;
  /** Versions of the runs as they were told. */
  private readonly told = new Map<string, number>();
  private readonly detailed = new Map<string, number>();
  private left = 0;
  private first = true;

  /** @param selected ids whose details are told, too */
  constructor(
    private readonly response: ServerResponse,
    private readonly watcher: RunWatcher,
    private readonly selected: readonly string[],
  ) {
    const share = Math.floor(POINTS / Math.max(1, selected.length));
    this.most = Math.min(MOST_POINTS, Math.max(FEWEST_POINTS, share));
  }

  send<E extends keyof StreamEvents>(event: E, data: StreamEvents[E]): void {
    this.response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Tells what is new. A page that has not taken what it was told before gets all of it later. */
  update(): void {
    if (this.response.writableNeedDrain) return;
    const { runs, left } = this.watcher;
    const changed: RunSummary[] = [];
    for (const [id, run] of runs) {
      if (this.told.get(id) === run.version) continue;
      this.told.set(id, run.version);
      changed.push(run.summary());
    }
    const gone = [...this.told.keys()].filter((id) => !runs.has(id));
    for (const id of gone) this.told.delete(id);
    if (this.first || changed.length > 0 || gone.length > 0 || left !== this.left)
      this.send('runs', { all: this.first, runs: changed, gone, left });
    this.first = false;
    this.left = left;
    for (const id of this.selected) {
      const run = runs.get(id);
      if (!run || this.detailed.get(id) === run.version) continue;
      this.detailed.set(id, run.version);
      this.send('detail', run.detail(this.most));
    }
  }
}

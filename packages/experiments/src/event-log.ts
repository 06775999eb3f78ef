/** Writes every event of a run as one JSON line, in the order of delivery. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import type { EventBus, Recorder } from '@ligature/core';
import { unwritable } from './run-folder.js';

export class EventLog implements Recorder {
  readonly name = 'event-log';
  private readonly file: WriteStream;
  private failure: unknown;

  constructor(private readonly folder: string) {
    this.file = createWriteStream(join(folder, 'events.jsonl'), { flags: 'wx' });
    this.file.on('error', (error) => (this.failure ??= error));
  }

  attach(bus: EventBus): () => void {
    return bus.handle({
      type: '*',
      phase: 'record',
      name: this.name,
      handle: async (event) => {
        if (this.failure !== undefined) throw unwritable(this.folder, this.failure);
        if (!this.file.write(`${JSON.stringify(event)}\n`)) await once(this.file, 'drain');
      },
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.file.end(() => resolve()));
    if (this.failure !== undefined) throw unwritable(this.folder, this.failure);
  }
}

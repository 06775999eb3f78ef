import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEventBus, type LigatureEvent } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { EventLog, readEventLog, type LogPosition } from '../src/index.js';
import { withFolder } from './tiny-run.js';

const opened = (window: number): LigatureEvent => ({
  type: 'window.opened',
  window,
  sweep: 0,
  layer: 1,
  step: window,
});

/** Each event is 66 to 69 bytes: four to five fit. */
const limits = { rotateBytes: 300, keepFiles: 3 };

async function write(log: EventLog, from: number, to: number): Promise<LogPosition[]> {
  const bus = createEventBus();
  const detach = log.attach(bus);
  const positions: LogPosition[] = [];
  for (let window = from; window < to; window += 1) {
    positions.push(log.position);
    await bus.publish(opened(window));
  }
  detach();
  await log.close();
  return positions;
}

const windows = (folder: string, until?: LogPosition): number[] =>
  [...readEventLog(folder, until)].map((event) => ('window' in event ? (event.window as number) : -1));

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

describe('event log', () => {
  it('rotates, keeps a bounded number of files, and reads them in order', async () => {
    await withFolder(async (folder) => {
      await write(await EventLog.create(folder, limits), 0, 30);
      const files = readdirSync(folder).sort();
      expect(files).toHaveLength(4);
      expect(files[0]).toBe('events-000005.jsonl');
      for (const file of files) expect(readFileSync(join(folder, file)).length).toBeLessThanOrEqual(300);
      const kept = windows(folder);
      expect(kept).toEqual(range(kept[0] as number, 30));
      expect(kept.length).toBeGreaterThan(12);
    });
  });

  it('goes on from any position as if it had never been ahead of it', async () => {
    await withFolder(async (folder) => {
      const whole = join(folder, 'whole');
      const cut = join(folder, 'cut');
      mkdirSync(whole);
      const roomy = { ...limits, keepFiles: 100 };
      const positions = await write(await EventLog.create(whole, roomy), 0, 20);
      for (const [window, position] of positions.entries()) {
        mkdirSync(`${cut}-${window}`);
        await write(await EventLog.create(`${cut}-${window}`, roomy), 0, 20);
        // A crash tears the last line.
        writeFileSync(join(`${cut}-${window}`, 'events.jsonl'), '{"type":"window.op', { flag: 'a' });
        expect(windows(`${cut}-${window}`, position)).toEqual(range(0, window));
        await write(await EventLog.resume(`${cut}-${window}`, position, roomy), window, 20);
        for (const file of readdirSync(whole)) {
          expect(readFileSync(join(`${cut}-${window}`, file), 'utf8')).toBe(
            readFileSync(join(whole, file), 'utf8'),
          );
        }
        expect(readdirSync(`${cut}-${window}`)).toEqual(readdirSync(whole));
      }
    });
  });

  it('refuses a position that it never reached, a second log in one folder, and a line that is no event', async () => {
    await withFolder(async (folder) => {
      await write(await EventLog.create(folder, limits), 0, 2);
      await expect(EventLog.resume(folder, { file: 0, bytes: 1000 }, limits)).rejects.toThrow(
        /byte 1000, the log has/,
      );
      await expect(EventLog.resume(folder, { file: 3, bytes: 299 }, limits)).rejects.toThrow(
        /run-log|the log has/,
      );
      await expect(EventLog.create(folder, limits)).rejects.toMatchObject({ code: 'out-unwritable' });
      const first = '{"type":"window.opened","window":0,"step":0}\n';
      const wrong = [
        '[1,2]',
        '{"type":"run.started"}',
        '{"type":"window.opened","step":"4"}',
        '{"type":"tying.applied","window":1,"tieMap":{"join":1}}',
        '{"type":"evaluation.completed","split":"__proto__","step":1,"metrics":{}}',
        `{"type":"x","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      ];
      for (const line of wrong) {
        writeFileSync(join(folder, 'events.jsonl'), `${first}${line}\n`);
        expect(() => windows(folder)).toThrow(/line 2 is no event/);
      }
    });
  });
});

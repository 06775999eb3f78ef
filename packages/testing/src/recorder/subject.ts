import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { LigatureEvent, Plugin, Recorder } from '@ligature/core';
import { assertFunctions } from '../entry/entry-rules.js';
import type { Calls } from '../harness/calls.js';
import { Finding } from '../harness/finding.js';
import { once } from '../harness/once.js';
import { show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import { RARE_EVENTS, runEvents, TRANSIENT_EVENTS } from '../run/events.js';
import { HeardBus } from '../run/heard-bus.js';

export interface CheckRecorderOptions extends CheckOptions {
  /**
   * Reads back what was recorded into a folder, event by event. Files of lines (`.jsonl`, `.ndjson`) whose lines are
   * events are read without it.
   */
  readonly read?: (folder: string) => Promise<readonly unknown[]> | readonly unknown[];
}

export interface RecorderSubject extends Subject<'recorders'> {
  readonly read: CheckRecorderOptions['read'];
  make(folder: string, calls?: Calls): Promise<Recorder>;
  /** Runs a check with a fresh run folder inside a fresh parent; both are gone afterwards. */
  inFolder<T>(check: (folder: string, parent: string) => Promise<T>): Promise<T>;
  /** Attaches a fresh recorder, without closing it. */
  attach(folder: string, calls?: Calls): Promise<Attached>;
  /** Records and closes; the recorder stays attached until it is closed, as in a run. */
  record(folder: string, events: readonly LigatureEvent[], calls?: Calls): Promise<void>;
  /** Has recorded everything once. @throws Finding what it stumbled over */
  recorded(): Promise<void>;
}

export interface Attached {
  readonly recorder: Recorder;
  readonly heard: HeardBus;
  tell(events: readonly LigatureEvent[]): Promise<LigatureEvent[]>;
  detach(): void;
  close(): Promise<void>;
}

/** A run with everything in it that can happen. */
export const RECORDED: readonly LigatureEvent[] = [
  ...runEvents({ layers: 4, windows: 10, seed: 3 }),
  ...TRANSIENT_EVENTS,
  ...RARE_EVENTS,
];

export function recorderSubject(
  plugin: Plugin,
  name: string,
  options: CheckRecorderOptions = {},
): RecorderSubject {
  const subject = subjectOf('recorders', plugin, name, options);

  const make: RecorderSubject['make'] = async (folder, calls) => {
    const recorder = await subject.create({ folder, ...subject.inRun() }, calls);
    assertFunctions(recorder, 'recorder', ['attach', 'close']);
    if (typeof recorder.name !== 'string' || recorder.name === '') {
      throw new Finding(`its name is ${show(recorder.name)}`, 'creates');
    }
    return recorder;
  };

  const attach: RecorderSubject['attach'] = async (folder, calls = subject.calls) => {
    const recorder = await make(folder, calls);
    const heard = new HeardBus();
    const off: unknown = calls.now('attach', () => recorder.attach(heard.bus));
    if (typeof off !== 'function') throw new Finding(`attach gave ${show(off)}`, 'attach-detaches');
    return {
      recorder,
      heard,
      async tell(events) {
        const said: LigatureEvent[] = [];
        for (const event of events) said.push(...(await heard.tell(event, calls)));
        return said;
      },
      detach: () => calls.now('detach', off as () => void),
      async close() {
        heard.dispose();
        await calls.wait('close', () => recorder.close());
      },
    };
  };

  const inFolder: RecorderSubject['inFolder'] = async (check) => {
    const parent = await mkdtemp(join(tmpdir(), 'ligature-contract-'));
    try {
      const folder = join(parent, 'run');
      await mkdir(folder);
      return await check(folder, parent);
    } finally {
      // Again and again, because a recorder that breaks its contract may still be writing.
      await rm(parent, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
    }
  };

  const record: RecorderSubject['record'] = async (folder, events, calls) => {
    const attached = await attach(folder, calls);
    await attached.tell(events);
    attached.detach();
    await attached.close();
  };

  const recorded = once(() => inFolder((folder) => record(folder, RECORDED)));
  return { ...subject, read: options.read, make, attach, inFolder, record, recorded };
}

/** Every file below a folder as text, by its path. */
export async function filesOf(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(
    paths.sort().map(async (path): Promise<[string, string]> => [
      relative(folder, path),
      // One unit a byte, so that no byte is lost.
      (await readFile(path)).toString('latin1'),
    ]),
  );
  return new Map(texts);
}

export const asText = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');

/** A recorder of JSON lines, and what can be wrong with one. */
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  definePlugin,
  defineRecorder,
  isDurable,
  type EventBus,
  type LigatureEvent,
  type Plugin,
  type Recorder,
} from '@ligature/core';
import type { CheckRecorderOptions } from '@ligature/testing';
import { z } from 'zod';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { ALONE, NAME, type Violator } from './violators.js';

const fields = { file: z.string().default('log.jsonl').describe('name of the file') };
const options = z.strictObject(fields);

interface Inside {
  readonly good: Recorder;
  readonly folder: string;
  readonly path: string;
}
type Change = (inside: Inside) => Partial<Recorder>;

const handling = (handle: (event: LigatureEvent) => unknown): Pick<Recorder, 'attach'> => ({
  attach: (bus) =>
    bus.handle({
      type: '*',
      phase: 'record',
      name: NAME,
      handle: async (event) => void (await handle(event)),
    }),
});

const lineOf = (event: LigatureEvent): string => `${JSON.stringify(event)}\n`;

function recorderPlugin(change: Change = () => ({}), meta: EntryFault['meta'] = {}): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    recorders: {
      [NAME]: defineRecorder({
        meta: { summary: 'Lines of JSON', options, ...meta },
        create({ file }: z.output<typeof options>, { folder }) {
          const path = join(folder, file);
          const good: Recorder = {
            name: NAME,
            ...handling((event) => appendFileSync(path, lineOf(event))),
            close: () => Promise.resolve(),
          };
          return { ...good, ...change({ good, folder, path }) };
        },
      }),
    },
  });
}

export const goodRecorder = recorderPlugin();

const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  more: Pick<Violator<CheckRecorderOptions>, 'also' | 'maybe' | 'only' | 'options'> = {},
): Violator<CheckRecorderOptions> => ({ rule, fault, found, plugin: recorderPlugin(change), ...more });

/** The good one, and something more for every event. */
const alsoFor =
  (
    type: LigatureEvent['type'],
    more: (event: LigatureEvent, bus: EventBus, inside: Inside) => unknown,
  ): Change =>
  (inside) => ({
    attach: (bus) =>
      handling(async (event) => {
        appendFileSync(inside.path, lineOf(event));
        if (event.type === type) await more(event, bus, inside);
      }).attach(bus),
  });

const shared = { path: '' };

export const recorderViolators: readonly Violator<CheckRecorderOptions>[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({ ...fault, plugin: recorderPlugin(undefined, meta) })),
  violator('creates', 'has no close', /no function close/, () => ({ close: undefined }) as never),
  violator(
    'plays-through',
    'knows no divergence',
    /handling run.diverged was rejected with TypeError/,
    alsoFor('run.diverged', () => {
      throw new TypeError('unknown event');
    }),
  ),
  violator(
    'answers',
    'never closes',
    /close gave no answer/,
    () => ({ close: () => new Promise(() => undefined) }),
    {
      options: { timeoutSeconds: 0.3 },
      only: ALONE,
    },
  ),
  violator(
    'inputs-untouched',
    'rounds what it writes',
    /tried to change the event step.completed, which is frozen: .*property 'loss'/,
    alsoFor('step.completed', (event) => {
      (event as { loss: number }).loss = 1;
    }),
  ),
  violator(
    'record-phase',
    'writes before anybody has decided',
    /handles events in the phase "observe"/,
    ({ path }) => ({
      attach: (bus) =>
        bus.handle({
          type: '*',
          phase: 'observe',
          name: NAME,
          handle: (event) => appendFileSync(path, lineOf(event)),
        }),
    }),
  ),
  violator(
    'publishes-nothing',
    'says that it has saved',
    /it published checkpoint.saved/,
    alsoFor('run.completed', (_, bus) => {
      void bus.publish({ type: 'checkpoint.saved', step: 1, path: 'log.jsonl' });
    }),
    { also: ['round-trip'] },
  ),
  violator(
    'attach-detaches',
    'goes on writing',
    /it still wrote events into log.jsonl|still on the bus/,
    ({ good }) => ({
      attach(bus) {
        good.attach(bus);
        return () => undefined;
      },
    }),
  ),
  violator('attach-detaches', 'goes on listening', /it still wrote events into log.jsonl/, ({ path }) => ({
    attach(bus) {
      bus.events$.subscribe((event) => isDurable(event) && appendFileSync(path, lineOf(event)));
      return () => undefined;
    },
  })),
  violator('round-trip', 'leaves out what happens seldom', /of \d+ events \d+ came back/, ({ path }) => ({
    attach: (bus) =>
      handling((event) => event.type !== 'listener.failed' && appendFileSync(path, lineOf(event))).attach(
        bus,
      ),
  })),
  violator(
    'round-trip',
    'writes down that the run was resumed',
    /of \d+ events \d+ came back/,
    ({ path }) => ({
      attach: (bus) => {
        const handle = (event: LigatureEvent): void => appendFileSync(path, lineOf(event));
        const all = bus.handle({ type: '*', phase: 'record', name: NAME, handle });
        const more = bus.handle({ type: 'run.resumed', phase: 'record', name: `${NAME}/resumed`, handle });
        return () => {
          all();
          more();
        };
      },
    }),
  ),
  violator('round-trip', 'writes ASCII only', /event \d+.*message is [^]* as published/, ({ path }) => ({
    ...handling((event) => appendFileSync(path, lineOf(event).replace(/[^\n -~]/g, '?'))),
  })),
  violator(
    'whole-files',
    'keeps the last block in a buffer',
    /is no JSON|has no end/,
    ({ path }) => {
      let buffer = '';
      return handling((event) => {
        buffer += lineOf(event);
        const whole = buffer.length - (buffer.length % 1024);
        appendFileSync(path, buffer.slice(0, whole));
        buffer = buffer.slice(whole);
      });
    },
    { also: ['round-trip'] },
  ),
  violator(
    'whole-files',
    'goes on writing when it is closed',
    /still being written/,
    ({ path }) => ({
      async close() {
        const timer = setInterval(() => {
          try {
            appendFileSync(path, '{}\n');
          } catch {
            clearInterval(timer);
          }
        }, 1);
      },
    }),
    { also: ['timers-released'], maybe: ['closes', 'round-trip', 'independent'] },
  ),
  violator('whole-files', 'ends no line', /the last line of log.jsonl has no end/, ({ path }) => {
    let first = true;
    return handling((event) => {
      appendFileSync(path, `${first ? '' : '\n'}${JSON.stringify(event)}`);
      first = false;
    });
  }),
  violator(
    'closes',
    'fails when it is closed twice',
    /close for the second time was rejected with Error: closed/,
    () => {
      let closed = false;
      return {
        close() {
          if (closed) return Promise.reject(new Error('closed'));
          closed = true;
          return Promise.resolve();
        },
      };
    },
  ),
  violator(
    'stays-inside',
    'keeps an index of all runs',
    /beside its folder, entry .* "runs.json"/,
    ({ folder }) => ({
      close: async () => writeFileSync(join(folder, '..', 'runs.json'), '[]'),
    }),
  ),
  violator('independent', 'has one file for all', /beside another/, ({ path }) => {
    shared.path = path;
    return handling((event) => appendFileSync(shared.path, lineOf(event)));
  }),
  violator(
    'timers-released',
    'leaves a timer running',
    /timer runs on/,
    alsoFor('run.started', () => {
      setInterval(() => undefined, 60_000);
    }),
  ),
];

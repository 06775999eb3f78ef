/**
 * Event files for TensorBoard: `tensorboard --logdir runs` shows every run of a folder.
 *
 * The wall time of an event is the seconds of training and evaluation before it, from the durations in the run's own
 * events, and not the time of day: a run that was interrupted reads like one that never stopped, and TensorBoard's
 * "relative" axis shows time worked.
 */
import { join } from 'node:path';
import {
  visible,
  visibleLine,
  type EventBus,
  type LigatureEvent,
  type Recorder,
  type RecorderContext,
  type Snapshot,
  type TieMap,
} from '@ligature/core';
import { z } from 'zod';
import { RecordedFile } from '../recorded-file.js';
import { READ_EVENTS, readingsOf, secondsOf, type Readings } from '../readings.js';
import { readState } from '../state.js';
import { fileVersionEvent, summaryEvent, type Summary } from './event.js';
import { tfRecord } from './tf-record.js';
import { tieMapPicture } from './tie-map-picture.js';

/** TensorBoard knows event files by `tfevents` in their name, and asks for no time or host in it. */
export const EVENT_FILE = 'events.out.tfevents.0.ligature';

export const tensorboardOptionsSchema = z.strictObject({
  every: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(1)
    .describe('training steps from one point of the curves of steps to the next'),
  pictures: z.boolean().default(true).describe('a picture of the tie map whenever it changes'),
});

export type TensorboardOptions = z.output<typeof tensorboardOptionsSchema>;

const stateSchema = z.strictObject({
  bytes: z.int().min(0),
  step: z.int().min(0),
  seconds: z.number().min(0),
  /** What the tie map in force counts, written with every step. */
  tying: z.record(z.string(), z.number()),
});
type State = Omit<z.output<typeof stateSchema>, 'bytes'>;

/** @throws InputError (`recorder-unwritable`) */
export async function createTensorboard(
  options: TensorboardOptions,
  { folder }: RecorderContext,
): Promise<Recorder> {
  const file = await RecordedFile.open(join(folder, EVENT_FILE), tfRecord(fileVersionEvent()));
  return new Tensorboard(file, options);
}

class Tensorboard implements Recorder {
  readonly name = 'tensorboard';
  readonly #file: RecordedFile;
  readonly #options: TensorboardOptions;
  #state: State = { step: 0, seconds: 0, tying: {} };

  constructor(file: RecordedFile, options: TensorboardOptions) {
    this.#file = file;
    this.#options = options;
  }

  attach(bus: EventBus): () => void {
    return bus.handle({
      type: [...READ_EVENTS, 'diagnostic.raised'],
      phase: 'record',
      name: this.name,
      handle: (event) => this.#record(event),
    });
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  snapshot(): Snapshot {
    return { ...structuredClone(this.#state), bytes: this.#file.synced() };
  }

  restore(state: Snapshot): void {
    const { bytes, ...rest } = readState(stateSchema, state, EVENT_FILE);
    this.#file.cutBack(bytes);
    this.#state = rest;
  }

  async #record(event: LigatureEvent): Promise<void> {
    this.#state.seconds += secondsOf(event);
    if ('step' in event) this.#state.step = event.step;
    const summaries = this.#summariesOf(event);
    if (summaries.length === 0) return;
    const { step, seconds } = this.#state;
    await this.#file.append(tfRecord(summaryEvent({ step, wallTime: seconds }, summaries)));
  }

  #summariesOf(event: LigatureEvent): Summary[] {
    const readings = readingsOf(event);
    switch (event.type) {
      case 'run.started': {
        this.#state.tying = { ...readings };
        const { controller, seed, layers, steps } = event;
        const text = `controller **${escaped(controller)}**, seed ${seed}, ${layers} layers, ${steps} steps`;
        return [{ tag: 'run', text }, ...this.#tieMap(event.tieMap)];
      }
      case 'tying.applied':
        this.#state.tying = { ...readings };
        return event.tieMap.join() === event.previous.join() ? [] : this.#tieMap(event.tieMap);
      case 'step.completed':
        if (event.step % this.#options.every !== 0) return [];
        return scalars({ ...readings, ...this.#state.tying });
      case 'diagnostic.raised':
        return [{ tag: 'diagnostics', text: `**${codeOf(event.code)}** ${escaped(event.message)}` }];
      default:
        return scalars(readings);
    }
  }

  #tieMap(map: TieMap): Summary[] {
    const text: Summary = { tag: 'tying/tie_map', text: map.join('-') };
    return this.#options.pictures ? [text, { tag: 'tying/blocks', picture: tieMapPicture(map) }] : [text];
  }
}

const scalars = (readings: Readings): Summary[] =>
  Object.entries(readings).map(([tag, scalar]) => ({ tag: visibleLine(tag), scalar }));

/** TensorBoard reads texts as Markdown. */
const escaped = (text: string): string => visible(text).replace(/[\\`*_{}[\]()#+!|<>-]/g, '\\$&');

/** Codes are words with hyphens, which mean nothing there; those of plug-ins may be anything. */
const codeOf = (code: string): string => (/^[\w-]+$/.test(code) ? code : escaped(code));

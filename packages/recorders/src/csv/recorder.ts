/**
 * `metrics.csv`: one row a training step. A row holds the step's own numbers, what was in force during it (tie map,
 * epsilon), and what was measured after it (rewards, evaluations). It is complete when the next step is: until then it
 * is kept, so a crash loses the last row, and a checkpoint keeps it.
 */
import { join } from 'node:path';
import type { EventBus, LigatureEvent, Recorder, RecorderContext, Snapshot } from '@ligature/core';
import { z } from 'zod';
import { RecordedFile } from '../recorded-file.js';
import { csvLines } from './csv.js';
import { READ_EVENTS, readingsOf, secondsOf, type Readings } from '../readings.js';
import { readState } from '../state.js';

export const CSV_FILE = 'metrics.csv';

/** The columns of every file, in their order; empty where there is nothing. `tokens` are what the task counts. */
export const CSV_COLUMNS = [
  'step',
  'window',
  'tokens',
  'seconds',
  ...['loss', 'gradient_norm', 'learning_rate', 'tokens_per_second'].map((name) => `train/${name}`),
  ...['independent_layers', 'unique_parameters'].map((name) => `tying/${name}`),
  ...['epsilon', 'explored', 'reward', 'reward_raw', 'reward_saturated'].map((name) => `controller/${name}`),
] as const;

/** What a run is measured by that does not say it when it starts: a language model. */
const OF_TEXT = ['nats', 'perplexity', 'bitsPerByte', 'accuracy'];

/** Two for each metric of the run, which its task and its evaluators declare. */
const measuredColumns = (metrics: readonly string[]): string[] =>
  ['validation', 'test'].flatMap((split) => metrics.map((name) => `${split}/${name}`));

export const metricsCsvOptionsSchema = z.strictObject({
  columns: z
    .array(z.string().min(1))
    .max(1000)
    .default([])
    .describe('further columns, such as controller/learned/loss or validation/NAME'),
});

export type MetricsCsvOptions = z.output<typeof metricsCsvOptionsSchema>;

const rowSchema = z.record(z.string(), z.number());
const stateSchema = z.strictObject({
  bytes: z.int().min(0),
  tokens: z.int().min(0),
  seconds: z.number().min(0),
  /** What goes into every row until it changes. */
  inForce: rowSchema,
  /** The row that is not complete yet. */
  row: rowSchema.nullable(),
  /** Metrics that the header names; `null`: there is no header yet. Checkpoints of before do not say it. */
  metrics: z.array(z.string()).nullable().default(OF_TEXT),
});
type State = Omit<z.output<typeof stateSchema>, 'bytes'>;

/** @throws InputError (`recorder-unwritable`) */
export async function createMetricsCsv(
  { columns }: MetricsCsvOptions,
  { folder }: RecorderContext,
): Promise<Recorder> {
  return new MetricsCsv(await RecordedFile.open(join(folder, CSV_FILE), ''), columns);
}

class MetricsCsv implements Recorder {
  readonly name = 'metrics-csv';
  readonly #file: RecordedFile;
  /** Those that were asked for besides. */
  readonly #further: readonly string[];
  #state: State = { tokens: 0, seconds: 0, inForce: {}, row: null, metrics: null };

  constructor(file: RecordedFile, further: readonly string[]) {
    this.#file = file;
    this.#further = further;
  }

  attach(bus: EventBus): () => void {
    return bus.handle({
      type: READ_EVENTS,
      phase: 'record',
      name: this.name,
      handle: (event) => this.#record(event),
    });
  }

  async close(): Promise<void> {
    await this.#writeHeader();
    await this.#writeRow();
    await this.#file.close();
  }

  snapshot(): Snapshot {
    return { ...structuredClone(this.#state), bytes: this.#file.synced() };
  }

  restore(state: Snapshot): void {
    const { bytes, ...rest } = readState(stateSchema, state, CSV_FILE);
    this.#file.cutBack(bytes);
    this.#state = rest;
  }

  async #record(event: LigatureEvent): Promise<void> {
    const state = this.#state;
    const readings = readingsOf(event);
    state.seconds += secondsOf(event);
    switch (event.type) {
      case 'step.completed': {
        await this.#writeRow();
        const { step, window } = event;
        state.tokens += event.tokens;
        const { tokens, seconds, inForce } = state;
        state.row = { step, window, tokens, seconds, ...inForce, ...readings };
        return;
      }
      case 'run.started':
        await this.#writeHeader(event.metrics?.map(({ name }) => name));
        Object.assign(state.inForce, readings);
        return;
      case 'tying.applied':
        Object.assign(state.inForce, readings);
        return;
      case 'tying.decided': {
        // A decision without notes does not go on with those of the last one.
        const tying = Object.entries(state.inForce).filter(([name]) => name.startsWith('tying/'));
        state.inForce = { ...Object.fromEntries(tying), ...readings };
        return;
      }
      default:
        this.#add(readings);
    }
  }

  /** What is measured between two steps belongs to the first of them. */
  #add(readings: Readings): void {
    if (this.#state.row) Object.assign(this.#state.row, readings);
  }

  /** Once, as soon as it is known what is measured. */
  async #writeHeader(metrics: readonly string[] = OF_TEXT): Promise<void> {
    if (this.#state.metrics !== null) return;
    this.#state.metrics = [...metrics];
    await this.#file.append(csvLines([this.#columns()]));
  }

  async #writeRow(): Promise<void> {
    const { row } = this.#state;
    if (!row) return;
    await this.#writeHeader();
    this.#state.row = null;
    await this.#file.append(csvLines([this.#columns().map((name) => row[name])]));
  }

  #columns(): string[] {
    const measured = measuredColumns(this.#state.metrics ?? OF_TEXT);
    return [...new Set([...CSV_COLUMNS, ...measured, ...this.#further])];
  }
}

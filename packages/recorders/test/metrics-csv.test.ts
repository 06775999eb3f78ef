import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRunContainer, type LigatureEvent, type Recorder } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { createMetricsCsv, CSV_COLUMNS, CSV_FILE, metricsCsvOptionsSchema } from '../src/index.js';
import { RUN, runFolder, tell, window } from './support/record.js';

const { get } = createRunContainer();
const make = (folder: string, columns: string[] = []): Promise<Recorder> =>
  createMetricsCsv(metricsCsvOptionsSchema.parse({ columns }), { folder, get });
const text = (folder: string): string => readFileSync(join(folder, CSV_FILE), 'utf8');

async function recorded(events: readonly LigatureEvent[], columns: string[] = []): Promise<string> {
  const folder = runFolder();
  const recorder = await make(folder, columns);
  await tell(recorder, events);
  await recorder.close();
  return text(folder);
}

/** Columns of a language model, which older events do not name. */
const OF_TEXT = ['validation', 'test'].flatMap((split) =>
  ['nats', 'perplexity', 'bitsPerByte', 'accuracy'].map((name) => `${split}/${name}`),
);

/** Rows by column; no value here has a comma in it. */
function table(csv: string): Record<string, string>[] {
  const [header = '', ...lines] = csv.trimEnd().split('\n');
  const names = header.split(',');
  return lines.map((line) => {
    const cells = line.split(',');
    expect(cells).toHaveLength(names.length);
    return Object.fromEntries(names.map((name, at) => [name, cells[at] as string]));
  });
}

describe('metrics.csv', () => {
  it('has one row a step, with what was in force and what was measured after it', async () => {
    expect((await recorded(RUN)).split('\n')).toEqual([
      'step,window,tokens,seconds,train/loss,train/gradient_norm,train/learning_rate,train/tokens_per_second,' +
        'tying/independent_layers,tying/unique_parameters,controller/epsilon,controller/explored,' +
        'controller/reward,controller/reward_raw,controller/reward_saturated,' +
        'validation/nats,validation/perplexity,validation/bitsPerByte,validation/accuracy,' +
        'test/nats,test/perplexity,test/bitsPerByte,test/accuracy',
      '1,0,32,0.5,4.75,1.5,0.125,64,3,3500,0.5,0,,,,,,,,,,,',
      '2,0,64,1,4.5,1.5,0.125,64,3,3500,0.5,0,0.25,4,1,,,,,,,,',
      '3,1,96,1.5,4.25,1.5,0.125,64,2,2500,0.5,1,,,,,,,,,,,',
      '4,1,128,2,4,1.5,0.125,64,2,2500,0.5,1,0.25,4,1,4.5,,,,,,,',
      '5,2,160,3.5,3.75,1.5,0.125,64,2,2500,0.5,0,,,,,,,,,,,',
      '6,2,192,4,3.5,1.5,0.125,64,2,2500,0.5,0,0.25,4,1,,,,,4.5,,,',
      '',
    ]);
  });

  it('has the header alone when nothing was trained', async () => {
    expect(await recorded([])).toBe(`${[...CSV_COLUMNS, ...OF_TEXT].join(',')}\n`);
  });

  it('has the columns that the task of the run measures, and of no other', async () => {
    const metrics = [
      { name: 'accuracy', unit: '%', better: 'higher' },
      { name: 'loss', unit: 'nats', better: 'lower' },
    ] as const;
    const told = RUN.map((event): LigatureEvent => {
      if (event.type === 'run.started') return { ...event, task: 'classify', unit: 'rows', metrics };
      return event.type === 'evaluation.completed' ? { ...event, metrics: { accuracy: 0.75 } } : event;
    });
    const csv = await recorded(told, ['validation/accuracy']);
    expect(csv.split('\n')[0]).toBe(
      [
        ...CSV_COLUMNS,
        ...['validation', 'test'].flatMap((split) => [`${split}/accuracy`, `${split}/loss`]),
      ].join(','),
    );
    expect(table(csv).map((row) => [row['validation/accuracy'], row['test/accuracy']])).toEqual(
      [['', ''], ['', ''], ['', ''], ['0.75', ''], ['', ''], ['', '0.75']], // prettier-ignore
    );
    expect(csv).not.toMatch(/nats|perplexity|bitsPerByte/);
  });

  it('goes on from a checkpoint of before there were tasks, which does not say what its header is', async () => {
    const folder = runFolder();
    const first = await make(folder);
    await tell(first, RUN.slice(0, 9));
    const { metrics, ...saved } = first.snapshot!() as Record<string, unknown>;
    expect(metrics).toEqual(['nats', 'perplexity', 'bitsPerByte', 'accuracy']);
    await first.close();
    const second = await make(folder);
    second.restore!(saved as never);
    await tell(second, RUN.slice(9));
    await second.close();
    expect(text(folder)).toBe(await recorded(RUN));
  });

  it('takes further columns, each once', async () => {
    const rows = table(await recorded(RUN, ['controller/learned/loss', 'step', 'validation/brier']));
    expect(rows.map((row) => row['controller/learned/loss'])).toEqual(['', '0.75', '', '0.75', '', '0.75']);
    expect(rows.map((row) => row['validation/brier'])).toEqual(['', '', '', '0.125', '', '']);
    expect(Object.keys(rows[0]!)).toHaveLength(CSV_COLUMNS.length + OF_TEXT.length + 2);
  });

  it('drops the notes of a decision with the next one that has none', async () => {
    const bare = window(1, [0, 0, 2, 3], [0, 0, 2, 3]).map((event) =>
      event.type === 'tying.decided' ? { ...event, notes: {} } : event,
    );
    const rows = table(await recorded([...RUN.slice(0, 9), ...bare]));
    expect(rows.map((row) => row['controller/epsilon'])).toEqual(['0.5', '0.5', '', '']);
    expect(rows.map((row) => row['tying/independent_layers'])).toEqual(['3', '3', '3', '3']);
  });

  it('is on the disk but for the last row while the run goes on', async () => {
    const folder = runFolder();
    const recorder = await make(folder);
    await tell(recorder, RUN);
    expect(table(text(folder)).map(({ step }) => step)).toEqual(['1', '2', '3', '4', '5']);
    await recorder.close();
    expect(table(text(folder)).at(-1)?.['test/nats']).toBe('4.5');
  });

  it.each([1, 4, 5, 9, 13, 14, 17, 18, RUN.length])(
    'of a run that goes on after event %i is that of one that never stopped',
    async (events) => {
      const folder = runFolder();
      const first = await make(folder);
      await tell(first, RUN.slice(0, events));
      const saved: unknown = JSON.parse(JSON.stringify(first.snapshot!()));
      await tell(first, window(3, [0, 0, 0, 3], [0, 1, 2, 3]));
      await first.close();
      const second = await make(folder);
      second.restore!(saved as never);
      await tell(second, RUN.slice(events));
      await second.close();
      expect(text(folder)).toBe(await recorded(RUN));
    },
  );
});

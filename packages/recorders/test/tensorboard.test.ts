import { readFileSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { createRunContainer, visibleLine, type LigatureEvent, type Recorder } from '@ligature/core';
import { HOSTILE_TEXTS } from '@ligature/testing';
import { describe, expect, it } from 'vitest';
import { createTensorboard, EVENT_FILE, tensorboardOptionsSchema } from '../src/index.js';
import { pixelsOf } from './support/pixels-of.js';
import { readEventFile, scalarsOf, type ReadEvent } from './support/read-event-file.js';
import { RUN, runFolder, started, tell, window } from './support/record.js';

const { get } = createRunContainer();
const make = (folder: string, options = {}): Promise<Recorder> =>
  createTensorboard(tensorboardOptionsSchema.parse(options), { folder, get });

async function recorded(events: readonly LigatureEvent[], options = {}): Promise<ReadEvent[]> {
  const folder = runFolder();
  const recorder = await make(folder, options);
  await tell(recorder, events);
  await recorder.close();
  return readEventFile(join(folder, EVENT_FILE));
}

const valuesOf = (events: readonly ReadEvent[], tag: string) =>
  events.flatMap(({ step, summary }) =>
    (summary?.value ?? []).filter((value) => value.tag === tag).map((value) => ({ step, value })),
  );

describe('an event file', () => {
  it('has a name by which TensorBoard finds it', () => {
    // tensorboard/backend/event_processing/io_wrapper.py, IsTensorFlowEventsFile
    expect(EVENT_FILE).toContain('tfevents');
  });

  it('begins with its version and holds every number of the run once, at its step', async () => {
    const events = await recorded(RUN);
    expect(events[0]).toMatchObject({ wall_time: 0, file_version: 'brain.Event:2' });
    expect(Object.fromEntries(scalarsOf(events))).toEqual({
      'train/loss': [1, 2, 3, 4, 5, 6].map((step) => [step, 5 - step / 4]),
      'train/gradient_norm': [1, 2, 3, 4, 5, 6].map((step) => [step, 1.5]),
      'train/learning_rate': [1, 2, 3, 4, 5, 6].map((step) => [step, 0.125]),
      'train/tokens_per_second': [1, 2, 3, 4, 5, 6].map((step) => [step, 64]),
      'tying/independent_layers': [3, 3, 2, 2, 2, 2].map((blocks, at) => [at + 1, blocks]),
      'tying/unique_parameters': [3, 3, 2, 2, 2, 2].map((blocks, at) => [at + 1, 500 + 1000 * blocks]),
      'controller/epsilon': [0, 2, 4].map((step) => [step, 0.5]),
      'controller/explored': [0, 2, 4].map((step) => [step, step === 2 ? 1 : 0]),
      'controller/reward': [2, 4, 6].map((step) => [step, 0.25]),
      'controller/reward_raw': [2, 4, 6].map((step) => [step, 4]),
      'controller/reward_saturated': [2, 4, 6].map((step) => [step, 1]),
      'controller/learned/loss': [2, 4, 6].map((step) => [step, 0.75]),
      'validation/nats': [[4, 4.5]],
      'validation/brier': [[4, 0.125]],
      'test/nats': [[6, 4.5]],
      'test/brier': [[6, 0.125]],
    });
  });

  it('gives the seconds of work for the time of day', async () => {
    const events = await recorded(RUN);
    const losses = events.filter(({ summary }) => summary?.value.some(({ tag }) => tag === 'train/loss'));
    // Half a second a step, a whole one for the evaluation after the fourth.
    expect(losses.map((event) => event.wall_time)).toEqual([0.5, 1, 1.5, 2, 3.5, 4]);
  });

  it('thins out the curves of steps, and nothing else', async () => {
    const scalars = scalarsOf(await recorded(RUN, { every: 3 }));
    expect(scalars.get('train/loss')?.map(([step]) => step)).toEqual([3, 6]);
    expect(scalars.get('tying/independent_layers')?.map(([step]) => step)).toEqual([3, 6]);
    expect(scalars.get('controller/reward')?.map(([step]) => step)).toEqual([2, 4, 6]);
  });

  it('tells of the run, its tie maps and its diagnostics in texts', async () => {
    const events = await recorded(RUN);
    const texts = (tag: string) =>
      valuesOf(events, tag).map(({ step, value }) => [step, value.tensor?.string_val.toString()]);
    expect(texts('run')).toEqual([[0, 'controller **my\\_own\\***, seed 7, 4 layers, 6 steps']]);
    expect(texts('tying/tie_map')).toEqual([
      [0, '0-1-2-3'],
      [0, '0-0-2-3'],
      [2, '0-0-0-3'],
    ]);
    expect(texts('diagnostics')).toEqual([[6, '**no-exploration** a \\*star\\* and a 🐋']]);
    expect(valuesOf(events, 'run')[0]?.value).toMatchObject({
      metadata: { plugin_data: { plugin_name: 'text' }, data_class: 'TENSOR' },
      tensor: { dtype: 'DT_STRING', tensor_shape: { dim: [{ size: 1 }] } },
    });
  });

  it.each(Object.entries(HOSTILE_TEXTS))('takes %s for a text and for a name', async (_, text) => {
    const [start = window(0, [0, 1, 2, 3], [0, 1, 2, 3])[0]!] = RUN;
    const events = await recorded([
      { ...start, controller: text } as LigatureEvent,
      { type: 'diagnostic.raised', code: text, window: 0, message: text, evidence: {} },
      { type: 'evaluation.completed', step: 1, split: 'test', metrics: { [text]: 1 }, durationMs: 1 },
    ]);
    const said = events.flatMap(({ summary }) =>
      (summary?.value ?? []).flatMap(({ tag, tensor }) => [tag, tensor?.string_val.toString() ?? '']),
    );
    expect(said).toContain(`test/${visibleLine(text)}`);
    expect(said.join('')).not.toMatch(/(?![\n\t])[\p{Cc}\p{Bidi_Control}\ufffd]/u);
    // All that could be a mark of Markdown has a backslash before it.
    const texts = valuesOf(events, 'diagnostics').map(
      ({ value }) => value.tensor?.string_val.toString() ?? '',
    );
    expect(texts).toHaveLength(1);
    expect(texts[0]?.replace(/^\*\*|\*\* /g, '').replaceAll(/\\[^a-z0-9\s]/g, '')).not.toMatch(/[<>[\]`*_|]/);
  });

  it('shows each new tie map as a picture: a row a layer, colour in the column of its block', async () => {
    const images = valuesOf(await recorded(RUN), 'tying/blocks');
    expect(images.map(({ step }) => step)).toEqual([0, 0, 2]);
    const { image } = images[1]!.value;
    expect(image).toMatchObject({ width: 256, height: 256, colorspace: 3 });
    const { width, height, at } = pixelsOf(image!.encoded_image_string);
    expect([width, height]).toEqual([256, 256]);
    const cells = [0, 1, 2, 3].map((layer) =>
      [0, 1, 2, 3].map((block) => at(64 * block + 32, 64 * layer + 32)),
    );
    const empty = cells[0]![1];
    // 0-0-2-3: two rows in the first column, none in the second.
    const used = cells.map((row) => row.flatMap((color, block) => (color === empty ? [] : [block])));
    expect(used).toEqual([[0], [0], [2], [3]]);
    expect(cells[0]![0]).toBe(cells[1]![0]);
    expect(new Set([cells[0]![0], cells[2]![2], cells[3]![3]]).size).toBe(3);
    expect(valuesOf(await recorded(RUN, { pictures: false }), 'tying/blocks')).toEqual([]);
  });
});

describe('a run that goes on', () => {
  const half = RUN.slice(0, 12);
  const lost = window(1, [0, 0, 2, 3], [0, 1, 0, 3]);

  it('from a checkpoint has the file of one that never stopped, byte for byte', async () => {
    const [straight, folder] = [runFolder(), runFolder()];
    const whole = await make(straight);
    await tell(whole, RUN);
    await whole.close();

    const first = await make(folder);
    await tell(first, half);
    const saved: unknown = JSON.parse(JSON.stringify(first.snapshot!()));
    // Steps after the checkpoint, and then a crash in the middle of a record.
    await tell(first, lost);
    await first.close();
    truncateSync(join(folder, EVENT_FILE), statSync(join(folder, EVENT_FILE)).size - 7);

    const second = await make(folder);
    second.restore!(saved as never);
    await tell(second, RUN.slice(half.length));
    await second.close();
    expect(readFileSync(join(folder, EVENT_FILE))).toEqual(readFileSync(join(straight, EVENT_FILE)));
  });

  it('after a rollback has no steps that were taken back', async () => {
    const folder = runFolder();
    const recorder = await make(folder);
    await tell(recorder, [started, ...window(0, [0, 1, 2, 3], [0, 0, 2, 3])]);
    const saved = recorder.snapshot!();
    await tell(recorder, lost);
    recorder.restore!(saved);
    await tell(recorder, window(1, [0, 0, 2, 3], [0, 0, 0, 3]));
    await recorder.close();
    const steps = scalarsOf(readEventFile(join(folder, EVENT_FILE))).get('train/loss');
    expect(steps?.map(([step]) => step)).toEqual([1, 2, 3, 4]);
  });

  it('refuses a file that has lost its end, and a state that is none', async () => {
    const folder = runFolder();
    const recorder = await make(folder);
    await tell(recorder, RUN);
    const saved = recorder.snapshot!();
    truncateSync(join(folder, EVENT_FILE), 100);
    expect(() => recorder.restore!(saved)).toThrow(expect.objectContaining({ code: 'recorder-file-short' }));
    for (const state of [null, { ...(saved as object), bytes: -1 }, { bytes: 0 }]) {
      expect(() => recorder.restore!(state)).toThrow(
        expect.objectContaining({ code: 'recorder-state-invalid' }),
      );
    }
    await recorder.close();
  });
});

it('a folder that cannot be written is named', async () => {
  const missing = join(runFolder(), 'no', 'such');
  await expect(make(missing)).rejects.toMatchObject({ code: 'recorder-unwritable' });
  await expect(make(missing)).rejects.toThrow(missing);
});

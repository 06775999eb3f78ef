/** What the comparison finds, on made-up runs: each way in which two runs can differ, and those that do not count. */
import { describe, expect, it } from 'vitest';
import { compareTraces, type Difference } from '../compare.js';
import { COMMON, COMMON_BEFORE, RUNS } from '../runs.js';
import { countMoves, parseEvents, parseWeights, type Event, type Trace } from '../trace.js';

function safetensors(
  tensors: Readonly<Record<string, readonly number[]>>,
  metadata: Readonly<Record<string, unknown>>,
  order = Object.keys(tensors),
): Buffer {
  let size = 0;
  const header: Record<string, unknown> = {
    __metadata__: Object.fromEntries(Object.entries(metadata).map(([k, v]) => [k, JSON.stringify(v)])),
  };
  const data = order.map((name) => {
    const bytes = Buffer.from(Float32Array.from(tensors[name]!).buffer);
    header[name] = {
      dtype: 'F32',
      shape: [tensors[name]!.length],
      data_offsets: [size, size + bytes.length],
    };
    size += bytes.length;
    return bytes;
  });
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...data]);
}

const TENSORS = { 'h.0.w': [1, 2, 3], 'h.1.w': [4, 5, 6] };
const METADATA = { tieMap: [0, 1, 0], tieMaps: { norms: [0, 1, 2], attention: [0, 1, 0] } };

const EVENTS: readonly Event[] = [
  { type: 'run.started', tieMap: [0, 1, 2] },
  { type: 'tying.applied', tieMap: [0, 1, 1] },
  { type: 'step.completed', step: 1, loss: 0.1, gradientNorm: 2, learningRate: 1e-3, durationMs: 4 },
  { type: 'step.completed', step: 2, loss: 0.2, gradientNorm: 3, learningRate: 1e-3, durationMs: 5 },
  { type: 'reward.measured', reward: 0.5, raw: 0.7 },
  { type: 'tying.applied', tieMap: [0, 1, 0] },
  {
    type: 'evaluation.completed',
    split: 'test',
    step: 2,
    metrics: { nats: 3, accuracy: 0.5 },
    durationMs: 7,
  },
];

const trace = (events: readonly Event[] = EVENTS, weights = safetensors(TENSORS, METADATA)): Trace => ({
  events: parseEvents(events.map((event) => JSON.stringify(event)).join('\n') + '\n'),
  weights: parseWeights(weights),
});

/** The events with one of them changed. */
const changed = (index: number, fields: Readonly<Record<string, unknown>>): Event[] =>
  EVENTS.map((event, at) => (at === index ? { ...event, ...fields } : event));

const texts = (found: readonly Difference[]): string[] => found.map(({ text }) => text);

describe('the log', () => {
  it('is equal to itself whatever was measured by a clock, and whatever else events say', () => {
    const now = changed(2, { durationMs: 99, newField: true }).concat({ type: 'notice.given', text: 'new' });
    expect(compareTraces(trace(), trace(now))).toEqual([]);
    const order = changed(6, { metrics: { accuracy: 0.5, nats: 3 } });
    expect(compareTraces(trace(), trace(order))).toEqual([]);
  });

  it.each([
    // The next number after 0.2.
    [3, { loss: 0.2 + 2 ** -55 }, 'step.completed 2, step 2: loss 0.2 before, 0.20000000000000004 now'],
    [2, { gradientNorm: 3 }, 'step.completed 1, step 1: gradientNorm 2 before, 3 now'],
    [2, { learningRate: 0 }, 'step.completed 1, step 1: learningRate 0.001 before, 0 now'],
    [5, { tieMap: [0, 0, 0] }, 'tying.applied 2, step 2: tieMap [0,1,0] before, [0,0,0] now'],
    [4, { reward: undefined }, 'reward.measured 1, step 2: reward 0.5 before, missing now'],
    [
      6,
      { metrics: { nats: 3 } },
      'evaluation.completed 1, step 2: metrics {"nats":3,"accuracy":0.5} before, {"nats":3} now',
    ],
  ])('differs when event %i has %o', (index, fields, text) => {
    expect(texts(compareTraces(trace(), trace(changed(index, fields))))).toEqual([text]);
  });

  it('differs when one has more events, and says first what came first', () => {
    const now = changed(2, { loss: 9 }).filter(({ type }) => type !== 'reward.measured');
    expect(texts(compareTraces(trace(), trace(now)))).toEqual([
      'step.completed 1, step 1: loss 0.1 before, 9 now',
      'reward.measured 1, step 2: 1 of them before, 0 now',
    ]);
  });

  it('is compared as a whole if asked: a new field is a difference, a duration is none', () => {
    const options = { wholeLog: true };
    expect(compareTraces(trace(), trace(changed(3, { durationMs: 9 })), options)).toEqual([]);
    expect(texts(compareTraces(trace(), trace(changed(4, { raw: 0.8 })), options))).toEqual([
      'events 5, step 2: raw 0.7 before, 0.8 now',
    ]);
  });
});

describe('the weights', () => {
  const against = (weights: Buffer): string[] => texts(compareTraces(trace(), trace(EVENTS, weights)));

  it('are equal wherever the tensors lie in the file', () => {
    expect(against(safetensors(TENSORS, METADATA, ['h.1.w', 'h.0.w']))).toEqual([]);
  });

  it('differ by one bit of one number', () => {
    const bytes = safetensors(TENSORS, METADATA);
    bytes[bytes.length - 4]! ^= 1;
    expect(against(bytes)).toEqual(['weights: 1 of 2 tensors, the first is h.1.w: byte 8 of 12']);
  });

  it('differ by the sign of a zero', () => {
    const [a, b] = [0, -0].map((zero) => trace(EVENTS, safetensors({ w: [zero] }, METADATA)));
    expect(texts(compareTraces(a!, b!))).toEqual(['weights: 1 of 1 tensors, the first is w: byte 3 of 4']);
  });

  it('differ by a tensor, a shape, or a tie map of layers or of a component', () => {
    const { 'h.1.w': _, ...fewer } = TENSORS;
    expect(against(safetensors(fewer, METADATA))).toEqual([
      'weights: 1 of 2 tensors, the first is h.1.w: only before',
    ]);
    expect(against(safetensors({ ...TENSORS, 'h.0.w': [1, 2] }, METADATA))[0]).toContain(
      'h.0.w: F32 [3] before, F32 [2] now',
    );
    expect(against(safetensors(TENSORS, { ...METADATA, tieMap: [0, 1, 1] }))).toEqual([
      'weights: tie map [0,1,0] before, [0,1,1] now',
    ]);
    const tieMaps = { ...METADATA.tieMaps, norms: [0, 0, 0] };
    expect(against(safetensors(TENSORS, { ...METADATA, tieMaps }))).toEqual([
      'weights: tie map of norms [0,1,2] before, [0,0,0] now',
    ]);
    expect(against(safetensors(TENSORS, {}))).toEqual(['weights: tie map [0,1,0] before, [] now']);
  });
});

it('counts ties and unties from map to map', () => {
  expect(countMoves(trace().events)).toEqual({ tie: 1, untie: 0 });
  const back = [...EVENTS, { type: 'tying.applied', tieMap: [0, 0, 2] }];
  expect(countMoves(trace(back).events)).toEqual({ tie: 2, untie: 1 });
});

it('has runs of different names, each with a spelling for both checkouts', () => {
  expect(new Set(RUNS.map(({ name }) => name)).size).toBe(RUNS.length);
  for (const flags of [COMMON, COMMON_BEFORE, ...RUNS.flatMap((run) => [run.flags, run.flagsBefore ?? []])])
    for (const flag of flags) expect(flag).not.toBe('');
});

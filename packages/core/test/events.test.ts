import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deepFreeze,
  EVENTS,
  isDurable,
  parseEvent,
  parseEventLine,
  type LigatureEvent,
  measuredFields,
  measurementOf,
  type LayersMeasured,
  type Measurement,
} from '../src/index.js';
import { ledger, oneOfEach } from './made-events.js';

const refusalOf = (value: unknown): string => {
  const read = parseEvent(value);
  return read.kind === 'invalid' ? read.found : read.kind;
};

describe('the schema of events', () => {
  it('has a made event for every type, so that nothing here is forgotten', () => {
    expect(oneOfEach.map(({ type }) => type).sort()).toEqual(Object.keys(EVENTS).sort());
  });

  it.each(oneOfEach.map((event) => [event.type, event] as const))(
    'reads %s back from its line',
    (_, event) => {
      expect(parseEventLine(JSON.stringify(event))).toEqual({ kind: 'event', event });
    },
  );

  it('knows what belongs to a run, and what to the process that is at it', () => {
    expect(oneOfEach.filter((event) => !isDurable(event)).map(({ type }) => type)).toEqual([
      'stage.entered',
      'notice.raised',
      'evaluation.progressed',
      'run.resumed',
    ]);
    expect(isDurable({ type: 'constructor' as LigatureEvent['type'] })).toBe(true);
  });

  it('refuses every event without one of the fields that it must have, and with a wrong one', () => {
    for (const event of oneOfEach) {
      const shape = EVENTS[event.type].schema.shape as Record<string, { safeParse(value: unknown): unknown }>;
      for (const field of Object.keys(event).filter((name) => name !== 'type')) {
        expect(Object.keys(shape), event.type).toContain(field);
        const { [field]: _gone, ...rest } = event as unknown as Record<string, unknown>;
        const optional = OPTIONAL.has(`${event.type} ${field}`);
        expect([event.type, field, parseEvent(rest).kind]).toEqual([
          ...[event.type, field, optional ? 'event' : 'invalid'],
        ]);
        expect([event.type, field, parseEvent({ ...rest, [field]: [[]] }).kind]).toEqual([
          ...[event.type, field, 'invalid'],
        ]);
      }
    }
  });

  it('reads what logs of before there were other measurements called similarity.measured', () => {
    const old = {
      type: 'similarity.measured',
      window: 3,
      kind: 'hidden-cka',
      layers: 3,
      values: [0.5, 0, -1],
    };
    const event = { ...old, type: 'layers.measured' } as const;
    expect(parseEventLine(JSON.stringify(old))).toEqual({ kind: 'event', event });
    expect(measurementOf(event as LayersMeasured)).toEqual({
      kind: 'hidden-cka',
      matrix: [
        [1, 0.5, 0],
        [0.5, 1, -1],
        [0, -1, 1],
      ],
    });
    expect(refusalOf({ ...old, kind: 'colour' })).toMatch(/layers.measured/);
  });

  it('gives a measurement back as the controller was told of it, or says that it cannot', () => {
    const measurement: Measurement = {
      kind: 'tie-cost',
      ...{ substitute: 'best', batches: 2, loss: 4 },
      pairs: [
        { first: 0, second: 2, cost: 0.5 },
        { first: 2, second: 3, cost: -0.25 },
      ],
    };
    const cost = { tokens: 8, flops: 24 };
    const event: LayersMeasured = {
      ...{ type: 'layers.measured', window: 1, layers: 4 },
      ...measuredFields({ measurement, cost }),
    };
    expect(event).toMatchObject({ pairs: [[0, 2], [2, 3]], values: [0.5, -0.25], ...cost }); // prettier-ignore
    expect(measurementOf(event)).toEqual(measurement);
    const unreadable = expect.objectContaining({ code: 'measurement-unreadable' }) as Error;
    expect(() => measurementOf({ ...event, values: [1] })).toThrow(unreadable);
    expect(() => measurementOf({ ...event, pairs: [[0], [2, 3]] })).toThrow(unreadable);
    const { loss: _loss, ...without } = event;
    expect(() => measurementOf(without)).toThrow(unreadable);
    expect(() => measurementOf({ ...event, kind: 'hidden-cka' })).toThrow(unreadable);
  });

  it('passes over types and keeps fields that a newer version may have written', () => {
    expect(parseEvent({ type: 'weather.changed', to: 'rain' })).toEqual({
      ...{ kind: 'unknown', type: 'weather.changed' },
    });
    const newer = { type: 'checkpoint.saved', step: 1, path: 'x', bytes: 12 };
    expect(parseEvent(newer)).toEqual({ kind: 'event', event: newer });
    for (const type of ['__proto__', 'constructor', 'toString'])
      expect(parseEvent(JSON.parse(`{"type":"${type}"}`))).toEqual({ kind: 'unknown', type });
  });

  it('says what is wrong', () => {
    expect(refusalOf(null)).toBe('it has no "type"');
    expect(refusalOf([1])).toBe('it has no "type"');
    expect(refusalOf({ type: 'checkpoint.saved', step: -1, path: 'x' })).toBe(
      'checkpoint.saved: step must be at least 0',
    );
    const late = { type: 'run.resumed', step: 0, steps: 1, tieMap: [0, 2] };
    expect(refusalOf(late)).toMatch(/a layer uses a later one/);
    expect(parseEventLine('{"type":').kind).toBe('invalid');
    expect(parseEventLine('['.repeat(100_000)).kind).toBe('invalid');
  });

  it('reads numbers that JSON has not as NaN, and leaves those of a structured clone as they are', () => {
    const learned = {
      type: 'controller.learned',
      window: 0,
      report: { loss: Infinity, updates: 1 },
    } as const;
    expect(parseEvent(structuredClone(learned))).toEqual({ kind: 'event', event: learned });
    expect(parseEventLine(JSON.stringify(learned))).toEqual({
      ...{ kind: 'event', event: { ...learned, report: { loss: NaN, updates: 1 } } },
    });
  });

  it('reads logs of before the fields of tasks, decisions by component and the order of layers', () => {
    const old = [
      { type: 'run.started', seed: 1, layers: 1, steps: 2, controller: 'none', tieMap: [0], ledger },
      { type: 'window.opened', window: 0, sweep: 0, layer: null, step: 0 },
      { type: 'tying.decided', window: 0, layer: 1, source: 0, kind: 'layer', notes: {} },
      { type: 'window.closed', window: 0, layer: 1, step: 2, losses: [1], truncated: true },
    ];
    for (const event of old) expect(parseEventLine(JSON.stringify(event))).toEqual({ kind: 'event', event });
    const first = { ...diverged };
    expect(parseEvent(first)).toEqual({ kind: 'event', event: { ...first, resumedStep: null } });
  });
});

const diverged = {
  ...{ type: 'run.diverged', step: 2, window: 0, loss: 'NaN', gradientNorm: 1, learningRate: 1 },
  action: 'stop',
};

/** Fields that an event may lack. */
const OPTIONAL = new Set([
  ...['task', 'unit', 'lossUnit', 'metrics'].map((field) => `run.started ${field}`),
  ...['sweep', 'layer', 'progress'].map((field) => `window.opened ${field}`),
  ...['sweep', 'component'].map((field) => `tying.decided ${field}`),
  ...['pairs', 'loss', 'substitute', 'batches', 'tokens', 'flops'].map((field) => `layers.measured ${field}`),
  ...['tokens', 'flops'].map((field) => `reward.measured ${field}`),
  'evaluation.completed weightsOf',
  'tying.applied tieMaps',
  'run.completed best',
  'step.completed spent',
  'window.closed layer',
  'run.diverged resumedStep',
]);

describe('freezing', () => {
  it('goes all the way down, through what is frozen on the outside only', () => {
    const frozen = (value: unknown): boolean =>
      typeof value !== 'object' || value === null
        ? true
        : Object.isFrozen(value) && Object.values(value).every(frozen);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(frozen(deepFreeze(value))).toBe(true);
      }),
    );
    expect(frozen(deepFreeze(Object.freeze({ a: [{ b: [1] }] })))).toBe(true);
  });
});

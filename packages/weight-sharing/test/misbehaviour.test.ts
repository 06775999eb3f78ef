/** Each way in which a controller can misbehave, under each policy. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Decision, Observation, Transition } from '@ligature/core';
import { causeOf, failures, inTime, never, typesOf } from './tying-probes.js';
import { tyingRun, type Hooks } from './tying-run.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  // Whatever happened, no timer is left.
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const keep: Decision = { kind: 'keep' };
const tie: Decision = { kind: 'layer', layer: 1, source: 0 };
const boom = (): never => {
  throw new Error('boom.');
};
const cyclic: { self?: unknown } = {};
cyclic.self = cyclic;
/** Says `first` when it is read for the first time, and `then` ever after. */
const fickle = (first: unknown, then: unknown): object => {
  let reads = 0;
  return {
    kind: 'layer',
    layer: 1,
    get source() {
      reads += 1;
      return reads === 1 ? first : then;
    },
  };
};

const answers = (decision: unknown): Hooks => ({ decide: () => decision as Decision });
const changes = (change: (observation: Observation) => unknown): Hooks => ({
  decide(observation) {
    change(observation);
    return keep;
  },
});

describe.each<[string, Hooks, string, RegExp]>([
  ['throws', { decide: boom }, 'controller-threw', /it threw Error: boom\. Mend/],
  ['rejects', { decide: async () => boom() }, 'controller-threw', /Error: boom/],
  [
    'throws what is no error',
    {
      decide: () => {
        throw cyclic;
      },
    },
    'controller-threw',
    /cannot be shown/,
  ],
  ['never answers', { decide: never }, 'controller-late', /no answer within 60 s/],
  [
    'gives a forward reference',
    answers({ kind: 'layer', layer: 1, source: 2 }),
    'controller-decision-invalid',
    /a later one/,
  ],
  [
    'gives one later',
    { decide: () => Promise.resolve({ kind: 'layer', layer: 1, source: 2 } as const) },
    'controller-decision-invalid',
    /"source":2/,
  ],
  [
    'decides on another layer',
    answers({ kind: 'layer', layer: 2, source: 0 }),
    'controller-decision-invalid',
    /layer 1 is to be decided/,
  ],
  [
    'writes a book into its notes',
    answers({ ...tie, notes: { why: 'x'.repeat(2 ** 18) } }),
    'controller-decision-invalid',
    /more than 262144 bytes.*notes of what one reads/,
  ],
  [
    'notes a hundred thousand numbers',
    answers({ ...tie, notes: { values: new Float64Array(100_000) } }),
    'controller-decision-invalid',
    /more than 262144 bytes/,
  ],
  [
    'notes a thousand names',
    answers({
      ...tie,
      notes: Object.fromEntries(Array.from({ length: 1000 }, (_, at) => ['x'.repeat(300) + at, at])),
    }),
    'controller-decision-invalid',
    /more than 262144 bytes/,
  ],
  ['gives no decision', answers('tie all'), 'controller-decision-invalid', /decision "tie all"/],
  ['gives nothing', answers(undefined), 'controller-decision-invalid', /kind/],
  ['gives what cannot be shown', answers(cyclic), 'controller-decision-invalid', /kind/],
  [
    'gives a big integer',
    answers({ kind: 'layer', layer: 1, source: 0n }),
    'controller-decision-invalid',
    /layer 1 is given/,
  ],
  [
    'gives what throws when it is read',
    answers({
      get kind() {
        return boom();
      },
    }),
    'controller-decision-invalid',
    /cannot be read: boom/,
  ],
  [
    'gives what changes while it is checked',
    { decide: () => fickle(2, 0) as Decision },
    'controller-decision-invalid',
    /later one/,
  ],
  [
    'gives notes that cannot be written',
    answers({ kind: 'keep', notes: { values: boom } }),
    'controller-decision-invalid',
    /no plain data/,
  ],
  [
    'gives notes without end',
    answers({ kind: 'keep', notes: cyclic }),
    'controller-decision-invalid',
    /deeper/,
  ],
  [
    'gives a map of a million layers',
    answers({ kind: 'map', tieMap: new Array(1e6).fill(0) }),
    'controller-decision-invalid',
    /no list of 3/,
  ],
  [
    'assigns to the map',
    changes((seen) => ((seen.tieMap as number[])[1] = 0)),
    'controller-mutated',
    /frozen/,
  ],
  [
    'pushes to the state',
    changes((seen) => (seen.state as number[]).push(1)),
    'controller-mutated',
    /frozen/,
  ],
  [
    'sorts the losses',
    { ...changes((seen) => (seen.recentLosses as number[]).unshift(1)) },
    'controller-mutated',
    /frozen/,
  ],
  [
    'deletes the layer',
    changes((seen) => delete (seen as { layer?: number | null }).layer),
    'controller-mutated',
    /frozen/,
  ],
])('a controller that %s', (_, hooks, code, found) => {
  it('stops the run, which is told who, what, when and why', async () => {
    const run = tyingRun(hooks);
    const error = await causeOf(run.open(0, 0));
    expect(error).toMatchObject({ name: 'ContractError', code });
    expect(error.message).toMatch(found);
    expect(error.message).toMatch(/controller "scripted".* in window 0/);
    expect(run.registry.tieMap).toEqual([0, 1, 2]);
    expect(typesOf(run.events)).not.toContain('tying.applied');
    expect(failures(run)).toEqual([]);
  });

  it('is passed over when the map is to be kept', async () => {
    let learned = 0;
    const run = tyingRun(
      { ...hooks, learn: () => ({ calls: (learned += 1) }) },
      { onMisbehaviour: 'keep-map' },
    );
    await inTime(run.open(0, 0));
    await run.step(0, 1, 2);
    await run.close(0, 1);
    expect(typesOf(run.events)).toEqual([
      'window.opened',
      'controller.failed',
      'step.completed',
      'window.closed',
      'reward.measured',
    ]);
    const [failed] = failures(run);
    expect(failed).toMatchObject({ window: 0, controller: 'scripted', call: 'decide', code });
    expect(failed?.message).toMatch(found);
    // There was no decision, so nothing came of it.
    expect(learned).toBe(0);
    expect(run.registry.tieMap).toEqual([0, 1, 2]);
    expect((run.process.snapshot() as { pending: unknown }).pending).toBeNull();
  });
});

describe.each<[string, (transition: Transition) => unknown, string, RegExp]>([
  ['throws', boom, 'controller-learn-threw', /boom/],
  ['rejects', () => Promise.reject(new Error('boom')), 'controller-learn-threw', /boom/],
  ['never ends', never, 'controller-learn-late', /within 60 s/],
  [
    'changes the decision',
    ({ decision }) => ((decision as { source: number }).source = 1),
    'controller-learn-mutated',
    /frozen/,
  ],
  [
    'changes the transition',
    (all) => ((all as { reward: number }).reward = 1),
    'controller-learn-mutated',
    /frozen/,
  ],
  ['reports text', () => 'fine', 'controller-report-invalid', /no object/],
  ['reports a list', () => [1], 'controller-report-invalid', /no object/],
  ['reports NaN', () => ({ loss: Number.NaN }), 'controller-report-invalid', /"loss" is NaN/],
  [
    'reports thousands of numbers',
    () => Object.fromEntries(Array.from({ length: 1001 }, (_, at) => [`n${at}`, at])),
    'controller-report-invalid',
    /1001 numbers, more than 1000/,
  ],
  [
    'reports under a long name',
    () => ({ ['x'.repeat(201)]: 1 }),
    'controller-report-invalid',
    /201 characters/,
  ],
  ['reports text by name', () => ({ loss: 'low' }), 'controller-report-invalid', /"loss" is "low"/],
  [
    'reports what cannot be read',
    () => ({
      get loss() {
        return boom();
      },
    }),
    'controller-report-invalid',
    /read/,
  ],
])('a controller whose learning %s', (_, learn, code, found) => {
  const hooks: Hooks = { decide: () => tie, learn: learn as NonNullable<Hooks['learn']> };

  it('stops the run, which is told who, what, when and why', async () => {
    const run = tyingRun(hooks);
    await run.open(0, 0);
    const error = await causeOf(run.close(0, 1));
    expect(error).toMatchObject({ name: 'ContractError', code });
    expect(error.message).toMatch(found);
    expect(error.message).toMatch(/controller "scripted".*window 0/);
    if (code !== 'controller-report-invalid') {
      expect(error.message).toMatch(/\{"kind":"layer","layer":1,"source":0\}/);
    }
  });

  it('is passed over when the map is to be kept', async () => {
    const run = tyingRun(hooks, { onMisbehaviour: 'keep-map' });
    await run.open(0, 0);
    await inTime(run.close(0, 1));
    expect(failures(run)).toMatchObject([{ window: 0, controller: 'scripted', call: 'learn', code }]);
    expect(failures(run)[0]?.message).toMatch(found);
    expect(typesOf(run.events)).not.toContain('controller.learned');
    expect(run.registry.tieMap).toEqual([0, 0, 2]);
  });
});

describe('what a controller keeps hold of', () => {
  it('is not what was applied: it may change its decision and its report afterwards', async () => {
    const decision = { kind: 'map' as const, tieMap: [0, 0, 2], notes: { values: [1, 2] } };
    const report = { loss: 1 };
    const told: Transition[] = [];
    const run = tyingRun({
      decide: () => decision,
      learn(transition) {
        told.push(transition);
        return report;
      },
    });
    await run.open(0, 0);
    decision.tieMap[2] = 0;
    decision.notes.values.push(3);
    await run.close(0, 1);
    report.loss = 2;
    expect(told[0]?.decision).toEqual({ kind: 'map', tieMap: [0, 0, 2], notes: { values: [1, 2] } });
    expect(run.registry.tieMap).toEqual([0, 0, 2]);
    expect(run.events.find(({ type }) => type === 'tying.decided')).toMatchObject({
      notes: { values: [1, 2] },
    });
    expect(run.events.find(({ type }) => type === 'controller.learned')).toMatchObject({
      report: { loss: 1 },
    });
  });

  it('cannot pass the check as one thing and be applied as another', async () => {
    const run = tyingRun({ decide: () => fickle(0, 2) as Decision });
    await run.open(0, 0);
    expect(run.registry.tieMap).toEqual([0, 0, 2]);
  });

  it('is not the stream of the run: its functions cannot be replaced', async () => {
    const run = tyingRun({
      decide(_, random) {
        (random as { uniform: () => number }).uniform = () => 0;
        return keep;
      },
    });
    expect(await causeOf(run.open(0, 0))).toMatchObject({ code: 'controller-mutated' });
    expect(run.streams.stream('policy').uniform()).not.toBe(0);
  });

  it('takes what is odd but well-formed: -0, typed arrays in notes, null for nothing learned', async () => {
    const run = tyingRun({
      decide: () =>
        ({
          kind: 'layer',
          layer: 1,
          source: -0,
          notes: { values: Float32Array.of(1, 2), epsilon: undefined },
        }) as never,
      learn: () => null as never,
    });
    await run.open(0, 0);
    await run.close(0, 1);
    expect(run.events.find(({ type }) => type === 'tying.decided')).toStrictEqual({
      type: 'tying.decided',
      window: 0,
      sweep: 0,
      layer: 1,
      component: null,
      source: 0,
      kind: 'layer',
      notes: { values: [1, 2] },
    });
    expect(typesOf(run.events)).not.toContain('controller.learned');
  });
});

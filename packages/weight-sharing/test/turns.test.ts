/** Whose turn it is, by configuration or by controller, and decisions about one component. */
import { describe, expect, it } from 'vitest';
import {
  sweepPosition,
  type Decision,
  type LigatureEvent,
  type Observation,
  type Transition,
  type Turn,
} from '@ligature/core';
import { checkDecision, turnOf } from '../src/index.js';
import { causeOf, failures, typesOf } from './tying-probes.js';
import { tyingRun, type Hooks, type TyingRun } from './tying-run.js';

const components = ['attention', 'mlp'];
const context = { layers: 4, components };

describe('turns of the configuration', () => {
  const list = (
    order: 'ascending' | 'descending',
    decide: 'blocks' | 'components',
    windows: number,
  ): string[] =>
    Array.from({ length: windows }, (_, window) => {
      const { sweep, layer, component } = turnOf(window, context, { order, decide });
      return `${sweep}:${String(layer)}${component ? ` ${component}` : ''}`;
    });

  it('visit layers 1..L-1 upwards or downwards', () => {
    expect(list('ascending', 'blocks', 5)).toEqual(['0:1', '0:2', '0:3', '1:1', '1:2']);
    expect(list('descending', 'blocks', 5)).toEqual(['0:3', '0:2', '0:1', '1:3', '1:2']);
    for (let window = 0; window < 30; window += 1) {
      const { component, ...place } = turnOf(window, context, { order: 'ascending', decide: 'blocks' });
      expect(component).toBeNull();
      expect(place).toEqual(sweepPosition(window, 4));
    }
  });

  it('visit the components of each layer one after the other; a sweep is over all pairs', () => {
    expect(list('ascending', 'components', 7)).toEqual([
      ...['0:1 attention', '0:1 mlp', '0:2 attention', '0:2 mlp', '0:3 attention', '0:3 mlp'],
      '1:1 attention',
    ]);
    expect(list('descending', 'components', 3)).toEqual(['0:3 attention', '0:3 mlp', '0:2 attention']);
  });

  it('leave nothing to decide on in a stack of one layer, or of layers without a block', () => {
    for (const decide of ['blocks', 'components'] as const) {
      const options = { order: 'ascending', decide } as const;
      const nobody = { sweep: 3, layer: null, component: null };
      expect(turnOf(3, { layers: 1, components }, options)).toEqual(nobody);
      if (decide === 'components') expect(turnOf(3, { layers: 4, components: [] }, options)).toEqual(nobody);
    }
  });
});

const all = (layers: readonly number[]): Record<string, readonly number[]> => ({
  norms: layers,
  attention: layers,
  mlp: layers,
});

/** Ties the layer in turn to layer 0, and writes down what it sees. */
function tying(hooks: Hooks = {}): { hooks: Hooks; seen: Observation[]; told: Transition[] } {
  const seen: Observation[] = [];
  const told: Transition[] = [];
  return {
    seen,
    told,
    hooks: {
      decide(observation) {
        seen.push(observation);
        return { kind: 'layer', layer: observation.layer as number, source: 0 };
      },
      learn: (transition) => void told.push(transition),
      ...hooks,
    },
  };
}

async function windows(run: TyingRun, count: number): Promise<LigatureEvent[]> {
  for (let window = 0; window < count; window += 1) {
    await run.open(window, window);
    await run.close(window, window + 1);
  }
  return run.events;
}

describe('deciding on components', () => {
  it('shows the map of the component in turn, ties nothing else, and says so', async () => {
    const { hooks, seen, told } = tying();
    const run = tyingRun(hooks, { decide: 'components' });
    const events = await windows(run, 2);
    expect(seen[1]).toEqual({
      ...{ window: 1, sweep: 0, step: 1, progress: 0.05, layers: 3, layer: 1, component: 'attention' },
      tieMap: [0, 1, 2],
      tieMaps: { ...all([0, 1, 2]), norms: [0, 0, 2] },
      state: [0, 1, 2],
      recentLosses: [],
    });
    expect(run.registry.tieMaps).toEqual({ ...all([0, 0, 2]), mlp: [0, 1, 2] });
    expect(run.registry.tieMap).toEqual([0, 1, 2]);
    expect(told[0]!.next).toEqual(seen[1]);
    expect(told[1]!.next).toMatchObject({ layer: 1, component: 'mlp', tieMap: [0, 1, 2] });
    expect(events.filter(({ type }) => type.startsWith('tying.')).slice(2)).toEqual([
      {
        type: 'tying.decided',
        ...{ window: 1, sweep: 0, layer: 1, component: 'attention', source: 0, kind: 'layer', notes: {} },
      },
      {
        type: 'tying.applied',
        ...{ window: 1, previous: [0, 1, 2], tieMap: [0, 1, 2], state: [0, 1, 2], tied: 1, untied: 0 },
        tieMaps: { ...all([0, 0, 2]), mlp: [0, 1, 2] },
        ledger: (events.findLast(({ type }) => type === 'tying.applied') as { ledger: unknown }).ledger,
      },
    ]);
  });

  it('ends with whole layers tied once every component is', async () => {
    const run = tyingRun(tying().hooks, { decide: 'components' });
    const events = await windows(run, 6);
    expect(run.registry.tieMap).toEqual([0, 0, 0]);
    const applied = events.filter(({ type }) => type === 'tying.applied');
    expect(applied.map((event) => 'tieMaps' in event)).toEqual(Array(6).fill(true));
    expect(applied.at(-1)).toMatchObject({ previous: [0, 0, 2], tieMap: [0, 0, 0], tieMaps: all([0, 0, 0]) });
  });

  it('takes a whole map for the component in turn alone', async () => {
    const run = tyingRun({ decide: () => ({ kind: 'map', tieMap: [0, 0, 1] }) }, { decide: 'components' });
    const [, decided] = await windows(run, 1);
    expect(decided).toMatchObject({ layer: null, component: 'norms', kind: 'map' });
    expect(run.registry.tieMaps).toEqual({ ...all([0, 1, 2]), norms: [0, 0, 0] });
  });

  it('may be chosen by the controller where whole blocks are in turn', async () => {
    const decisions: Decision[] = [
      { kind: 'layer', layer: 1, source: 0, component: 'mlp' },
      { kind: 'map', tieMap: [0, 1, 0], component: 'attention' },
      { kind: 'map', tieMap: [0, 0, 0] },
    ];
    const told: Transition[] = [];
    const run = tyingRun({
      decide: ({ window }) => decisions[window] as Decision,
      learn: (transition) => void told.push(transition),
    });
    const events = await windows(run, 3);
    expect(told.map(({ decision }) => decision)).toEqual(decisions);
    expect(told.map(({ next }) => next.tieMaps)).toEqual([
      { ...all([0, 1, 2]), mlp: [0, 0, 2] },
      { ...all([0, 1, 2]), mlp: [0, 0, 2], attention: [0, 1, 0] },
      all([0, 0, 0]),
    ]);
    const seen = events.filter(({ type }) => type.startsWith('tying.'));
    expect(seen.map((event) => ('component' in event ? event.component : 'tieMaps' in event))).toEqual(
      // The maps are told as long as they differ.
      ['mlp', true, 'attention', true, null, false],
    );
  });

  it('is refused under the official profile, which ties whole blocks', async () => {
    const settings = { profile: 'official', decide: 'components' } as const;
    expect(() => tyingRun({}, settings)).toThrow(
      expect.objectContaining({ code: 'component-unknown' }) as Error,
    );
    const named: Hooks = { decide: () => ({ kind: 'layer', layer: 1, source: 0, component: 'mlp' }) };
    const run = tyingRun(named, { profile: 'official', onMisbehaviour: 'keep-map' });
    await run.open(0, 0);
    expect(failures(run)).toMatchObject([{ code: 'controller-decision-invalid' }]);
    expect(run.registry.state).toEqual([0, 0, 0]);
    expect(() => run.registry.apply({ kind: 'map', tieMap: [0, 0, 0], component: 'mlp' })).toThrow(
      /whole blocks/,
    );
  });

  it.each<[string, unknown, RegExp]>([
    ['an unknown one', 'heads', /"heads" is not decided on by itself; known: norms, attention, mlp/],
    ['another one than the turn names', 'mlp', /about mlp, but norms is to be decided on/],
    ['one that is no text', 3, /3 is not decided on/],
  ])('refuses %s', async (_, component, found) => {
    const answer = { kind: 'layer', layer: 1, source: 0, component } as Decision;
    const run = tyingRun({ decide: () => answer }, { decide: 'components' });
    const cause = await causeOf(run.open(0, 0));
    expect(cause).toMatchObject({ code: 'controller-decision-invalid' });
    expect(cause.message).toMatch(found);
    expect(run.registry.tieMaps).toEqual(all([0, 1, 2]));
  });

  it('is checked by what the observation says where no run does', async () => {
    const { hooks, seen } = tying();
    await tyingRun(hooks, { decide: 'components' }).open(0, 0);
    const check = (component: string | null): Decision =>
      checkDecision({ kind: 'map', tieMap: [0, 0, 0], component }, seen[0]!, 'scripted');
    expect(check('norms')).toEqual({ kind: 'map', tieMap: [0, 0, 0], component: 'norms' });
    expect(check(null)).toEqual({ kind: 'map', tieMap: [0, 0, 0] });
    expect(() => check('heads')).toThrow(/known: norms/);
  });
});

describe('turns of a controller', () => {
  it('come first, are asked for each window, and are seen in what follows', async () => {
    const asked: unknown[] = [];
    const turn = (window: number, of: unknown): Turn => {
      asked.push(of);
      return window % 2 === 0
        ? { sweep: window, layer: 2, component: 'mlp' }
        : { sweep: window, layer: null, component: null };
    };
    const { hooks, seen, told } = tying({ turn });
    const decide: Hooks['decide'] = (observation, random) =>
      observation.layer === null ? { kind: 'map', tieMap: [0, 0, 2] } : hooks.decide!(observation, random);
    // The configuration's own order has no say.
    const run = tyingRun({ ...hooks, decide }, { order: 'descending', decide: 'components' });
    await windows(run, 2);
    expect(asked).toEqual(Array(4).fill({ layers: 3, components: ['norms', 'attention', 'mlp'] }));
    expect(seen.map(({ sweep, layer, component }) => [sweep, layer, component])).toEqual([[0, 2, 'mlp']]);
    expect(told.map(({ next: { sweep, layer, component } }) => [sweep, layer, component])).toEqual([
      [1, null, null],
      [2, 2, 'mlp'],
    ]);
    expect(run.registry.tieMaps).toEqual({ norms: [0, 0, 2], attention: [0, 0, 2], mlp: [0, 0, 2] });
  });

  const boom = (): never => {
    throw new Error('boom');
  };
  const turn = (change: object): unknown => ({ sweep: 0, layer: 1, component: null, ...change });
  describe.each<[string, () => unknown, string, RegExp]>([
    ['throws', boom, 'controller-threw', /whose turn.*boom/],
    ['gives nothing', () => undefined, 'controller-turn-invalid', /no turn/],
    ['gives a promise', () => Promise.resolve(turn({})), 'controller-turn-invalid', /its sweep is undefined/],
    ['names layer 0', () => turn({ layer: 0 }), 'controller-turn-invalid', /no layer 0 to decide on/],
    ['names a layer beyond', () => turn({ layer: 3 }), 'controller-turn-invalid', /from 1 to 2/],
    ['names half a layer', () => turn({ layer: 1.5 }), 'controller-turn-invalid', /no layer 1.5/],
    ['names no layer', () => turn({ layer: undefined }), 'controller-turn-invalid', /no layer undefined/],
    ['counts backwards', () => turn({ sweep: -1 }), 'controller-turn-invalid', /its sweep is -1/],
    ['names a strange part', () => turn({ component: 'heads' }), 'controller-turn-invalid', /"heads" is not/],
    [
      'cannot be read',
      () => ({
        get sweep() {
          return boom();
        },
      }),
      'controller-turn-invalid',
      /cannot be read/,
    ],
  ])('one that %s', (_, answer, code, found) => {
    const hooks: Hooks = { turn: answer as Hooks['turn'] & object, decide: () => ({ kind: 'keep' }) };

    it('stops the run, which is told who and when', async () => {
      const cause = await causeOf(tyingRun(hooks).open(0, 0));
      expect(cause).toMatchObject({ name: 'ContractError', code });
      expect(cause.message).toMatch(found);
      expect(cause.message).toMatch(/controller "scripted"/);
      expect(cause.message).toMatch(/window 0/);
    });

    it('is passed over when the map is to be kept', async () => {
      const run = tyingRun(hooks, { onMisbehaviour: 'keep-map' });
      await windows(run, 1);
      expect(failures(run)).toMatchObject([{ call: 'decide', code, window: 0 }]);
      expect(typesOf(run.events)).not.toContain('tying.decided');
    });
  });

  it('that only the next window lacks is a fault of learning', async () => {
    const late = (window: number): Turn =>
      window === 0 ? { sweep: 0, layer: 1, component: null } : (undefined as never);
    const run = tyingRun(tying({ turn: late }).hooks, { onMisbehaviour: 'keep-map' });
    await windows(run, 1);
    expect(failures(run)).toMatchObject([{ call: 'learn', code: 'controller-turn-invalid', window: 0 }]);
    expect(run.registry.tieMap).toEqual([0, 0, 2]);
  });
});

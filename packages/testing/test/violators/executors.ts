/** What can be wrong with an executor. */
import {
  LigatureError,
  type LigatureEvent,
  type TrialOrder,
  type TrialResult,
  type TrialSignal,
} from '@ligature/core';
import type { CheckExecutorOptions } from '@ligature/testing';
import { entryFaults } from './entry-faults.js';
import { executorPlugin, fields, saying, type Change, type Wrap } from './scripted-executor.js';
import { ALONE, type Violator } from './violators.js';

export const goodExecutor = executorPlugin();

type More = Pick<Violator<CheckExecutorOptions>, 'also' | 'maybe' | 'only' | 'options'>;

const changed = (rule: string, fault: string, found: RegExp, change: Change, more: More = {}) => ({
  ...{ rule, fault, found, plugin: executorPlugin({ change }) },
  ...more,
});

const wrapped = (rule: string, fault: string, found: RegExp, wrap: Wrap, more: More = {}) => ({
  ...{ rule, fault, found, plugin: executorPlugin({ wrap }) },
  ...more,
});

const isEvent = (signal: TrialSignal, type: LigatureEvent['type']): boolean =>
  signal.kind === 'event' && signal.event.type === type;

const altered =
  (change: (result: TrialResult) => Partial<TrialResult>): Change =>
  (good) => ({
    result(...given) {
      const result = good.result(...given);
      return { ...result, ...change(result) };
    },
  });

let carriedOut = 0;

export const executorViolators: readonly Violator<CheckExecutorOptions>[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({ ...fault, plugin: executorPlugin({ meta }) })),
  {
    ...{ rule: 'creates', fault: 'cannot run', found: /no function run/, only: ALONE },
    plugin: executorPlugin({ made: { run: undefined as never } }),
  },
  {
    ...{
      rule: 'plays-through',
      fault: 'cannot let go',
      found: /dispose was rejected with Error: still busy/,
    },
    plugin: executorPlugin({ made: { dispose: () => Promise.reject(new Error('still busy')) } }),
    maybe: ['creates'],
  },
  wrapped(
    'plays-through',
    'fails every trial',
    /run was rejected with Error: no machine/,
    () => () => Promise.reject(new Error('no machine')),
  ),
  wrapped(
    'plays-through',
    'stops what nobody stopped',
    /the outcome "stopped"/,
    (run) => (order, on) => run(order, on, AbortSignal.abort()),
  ),
  wrapped('answers', 'never comes back', /run gave no answer/, () => () => new Promise(() => undefined), {
    options: { timeoutSeconds: 0.2 },
    only: ALONE,
  }),
  wrapped(
    'inputs-untouched',
    'notes in the order where it ran',
    /it changed the order: machine is/,
    (run) => {
      return (order, ...rest) => {
        (order as TrialOrder & { machine?: string }).machine = 'first';
        return run(order, ...rest);
      };
    },
  ),
  changed(
    'as-ordered',
    'has every trial under one seed',
    /seed is 2 in the order and 1 in the result/,
    (good) => ({
      events: (order) => good.events({ ...order, seed: 1 }),
      result: (order, ...rest) => good.result({ ...order, seed: 1 }, ...rest),
    }),
    { also: ['independent'] },
  ),
  changed('as-ordered', 'trains for longer', /training.steps is/, (good) => ({
    result: (order, ...rest) =>
      good.result(
        {
          ...order,
          config: { ...order.config, training: { ...order.config.training, steps: 9 } },
        },
        ...rest,
      ),
  })),
  changed('result-stored', 'keeps no result', /has no result.json of "alone-seed-1", but \[\]/, (good) => ({
    keep: async (order, file, value) =>
      order.id.startsWith('alone') && file === 'result.json' ? undefined : good.keep(order, file, value),
  })),
  changed('result-stored', 'keeps another result', /in the store/, (good) => ({
    keep: (order, file, value) =>
      good.keep(order, file, order.id.startsWith('alone') ? { ...(value as TrialResult), tokens: 0 } : value),
  })),
  changed(
    'works-in-place',
    'leaves the files of a place to others',
    /no result.json of "placed-seed-1"/,
    (good) => ({
      keep: async (...given) => (good.store.place ? undefined : good.keep(...given)),
    }),
  ),
  changed(
    'deterministic',
    'counts its trials into the metrics',
    /validation.nats is/,
    altered(() => ({ validation: { nats: (carriedOut += 1) } })),
    { also: ['independent', 'resumes', 'works-in-place', 'fails-apart'] },
  ),
  wrapped(
    'signals-ordered',
    'keeps the beginning for itself',
    /the first event of the run is "window.opened"/,
    saying((signal, on) => {
      if (!isEvent(signal, 'run.started')) on(signal);
    }),
  ),
  wrapped(
    'signals-ordered',
    'says the end twice',
    /run.completed was heard 2 times/,
    saying((signal, on) => {
      on(signal);
      if (isEvent(signal, 'run.completed')) on(signal);
    }),
  ),
  wrapped(
    'signals-ordered',
    'prints without a line',
    /it said \{"kind":"printed"\}/,
    saying((signal, on) => {
      on(signal);
      if (isEvent(signal, 'run.started')) on({ kind: 'printed' } as TrialSignal);
    }),
  ),
  wrapped(
    'signals-ordered',
    'loses a step',
    /the loss 1.step is 2 in the result and 3 as it was heard/,
    saying((signal, on) => {
      if (signal.kind === 'event' && signal.event.type === 'step.completed' && signal.event.step === 2)
        return;
      on(signal);
    }),
    { also: ['independent', 'resumes'] },
  ),
  wrapped('signals-end', 'talks on', /"late"\} came after the answer/, (run) => async (order, on, stop) => {
    const result = await run(order, on, stop);
    setTimeout(() => on({ kind: 'printed', line: 'late' }), 5);
    return result;
  }),
  {
    ...{ rule: 'independent', fault: 'tells everybody everything', found: /side by side, / },
    plugin: executorPlugin({
      wrap: (run) => {
        const listeners = new Set<(signal: TrialSignal) => void>();
        return async (order, on, stop) => {
          listeners.add(on);
          try {
            return await run(order, (signal) => listeners.forEach((one) => one(signal)), stop);
          } finally {
            listeners.delete(on);
          }
        };
      },
    }),
  },
  {
    ...{
      rule: 'independent',
      fault: 'adds what the trials before it left to the tokens',
      found: /tokens is/,
    },
    plugin: executorPlugin({
      wrap: (run, { keep }) => {
        let before = 0;
        return async (order, on, stop) => {
          const result = await run(order, on, stop);
          const mixed = { ...result, tokens: result.tokens + before };
          before += 1;
          await keep(order, 'result.json', mixed);
          return mixed;
        };
      },
    }),
    only: ['independent', 'deterministic', 'result-stored', 'resumes'],
  },
  changed('stops', 'runs on', /stopped at its first step, it gave/, () => ({ stopped: () => false })),
  changed('stops', 'has not seen a stop that came before', /stopped before it began, it gave/, () => {
    let first = true;
    let before = false;
    return {
      stopped({ aborted }) {
        if (first) before = aborted;
        first = false;
        return aborted && !before;
      },
    };
  }),
  wrapped(
    'stops',
    'calls a stop a failure',
    /stopped at its first step, run was rejected with Error: killed/,
    (run) => {
      return async (...given) => {
        const result = await run(...given);
        if (result.outcome === 'stopped') throw new Error('killed');
        return result;
      };
    },
  ),
  changed('resumes', 'begins anew', /stopped after step 1, it went on with step 1/, () => ({
    begun: () => Promise.resolve(0),
  })),
  changed(
    'resumes',
    'forgets what was before',
    /losses.0.step is 1 without a stop and 2 with one/,
    (good) => {
      let from = 0;
      return {
        async begun(order) {
          from = await good.begun(order);
          return from;
        },
        result(...given) {
          const result = good.result(...given);
          return { ...result, losses: result.losses.filter(({ step }) => step > from) };
        },
      };
    },
  ),
  changed(
    'whole-files',
    'leaves a line without its end',
    /the last line of events.jsonl has no end/,
    (good) => ({
      async keep(order, file, value) {
        await good.keep(order, file, value);
        await good.store.write(order.id, 'events.jsonl', new TextEncoder().encode('{}\n{}'));
      },
    }),
  ),
  changed(
    'whole-files',
    'writes half a checkpoint when it is stopped',
    /half-checkpoint.json holds "1,"/,
    (good) => ({
      keep: (order, file, value) =>
        file === 'checkpoint.json'
          ? good.store
              .write(order.id, 'half-checkpoint.json', new TextEncoder().encode('1,'))
              .then(() => good.keep(order, file, value))
          : good.keep(order, file, value),
    }),
  ),
  changed(
    'refuses-unknown',
    'takes another controller',
    /it was carried out/,
    () => ({ refuse: () => undefined }),
    { also: ['fails-apart'] },
  ),
  changed(
    'refuses-unknown',
    'wraps the error in words of its own',
    /its code is (null|undefined)/,
    (good) => ({
      refuse(order) {
        try {
          good.refuse(order);
        } catch (cause) {
          throw new Error('the trial failed', { cause });
        }
      },
    }),
  ),
  changed('refuses-unknown', 'does not say which', /it does not say which/, (good) => ({
    refuse(order) {
      try {
        good.refuse(order);
      } catch {
        const parts = { asked: 'Run it', found: 'there is no such controller', todo: 'See `plugins`' };
        throw new LigatureError('unknown-controller', parts);
      }
    },
  })),
  wrapped(
    'fails-apart',
    'dies of a failure',
    /after one that failed, run was rejected with Error: gone/,
    (run) => {
      let gone = false;
      return async (...given) => {
        if (gone) throw new Error('gone');
        try {
          return await run(...given);
        } catch (error) {
          gone = true;
          throw error;
        }
      };
    },
  ),
  changed(
    'fails-apart',
    'keeps a result of what failed',
    /the trial that failed has a result.json/,
    (good) => ({
      refuse(order) {
        try {
          good.refuse(order);
        } catch (error) {
          void good.keep(order, 'result.json', {});
          throw error;
        }
      },
    }),
  ),
];

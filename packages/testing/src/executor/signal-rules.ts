/** What is heard of a trial while it runs. */
import { isDurable } from '@ligature/core';
import type { TrialSignal } from '@ligature/core';
import { broken } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show } from '../harness/show.js';
import { eventsOf, heardLosses, substance, whole, type ExecutorSubject, type Whole } from './subject.js';

type ExecutorRule = RuleSpec<ExecutorSubject>;

function assertSignal(signal: TrialSignal): void {
  const fits =
    signal?.kind === 'printed'
      ? typeof signal.line === 'string' && !signal.line.includes('\n')
      : signal?.kind === 'event' && typeof signal.event?.type === 'string';
  if (!fits) broken(`it said ${show(signal)}`);
}

const inOrder: ExecutorRule = {
  id: 'signals-ordered',
  must: 'every event of the run is heard once and in order: run.started first, every step, run.completed at the end; what else is said are printed lines',
  why: 'Progress, dashboards and early warnings live on what is heard; a step that comes twice or too late is shown as it comes',
  mend: 'Hand on each event of the bus as { kind: "event", event }, in one queue, and each line as { kind: "printed", line }',
  check: async ({ alone }) => {
    const ran = await alone(1);
    ran.signals.forEach(assertSignal);
    const types = eventsOf(ran)
      .filter(isDurable)
      .map(({ type }) => type);
    if (types[0] !== 'run.started') broken(`the first event of the run is ${show(types[0])}`);
    for (const type of ['run.started', 'run.completed'] as const) {
      const times = types.filter((one) => one === type).length;
      if (times !== 1) broken(`${type} was heard ${times} times`);
    }
    const after = types.slice(types.indexOf('run.completed') + 1).find((type) => type !== 'checkpoint.saved');
    if (after !== undefined) broken(`${after} came after run.completed`);
    const found = difference(ran.result.losses, heardLosses(ran), ['in the result', 'as it was heard']);
    if (found !== undefined) broken(`the loss ${found}`);
  },
};

const ends: ExecutorRule = {
  id: 'signals-end',
  must: 'nothing is heard of a run after it was answered',
  why: 'Whoever listened has closed its line, its file or its page',
  mend: 'Answer after the last signal has been handed on',
  check: async ({ alone }) => {
    const { late } = await alone(1);
    if (late.length > 0) broken(`${show(late[0])} came after the answer`);
  },
};

const ownSignals = (ran: Whole, words: string): void => {
  const heard = difference(ran.result.losses, heardLosses(ran), ['in the result', 'as it was heard']);
  if (heard !== undefined) broken(`${words}, seed ${ran.result.seed}: the loss ${heard}`);
  for (const event of eventsOf(ran)) {
    if (event.type === 'run.started' && event.seed !== ran.order.copy.seed)
      broken(`${words}, the run of seed ${ran.order.copy.seed} hears of seed ${event.seed}`);
  }
};

const independent: ExecutorRule = {
  id: 'independent',
  must: 'two orders of one executor, side by side and one after the other, come to what each comes to alone, and each hears of itself only',
  why: 'Studies run several trials at once; what they share moves results from one into the other',
  mend: 'Keep everything of a trial in the call that runs it',
  check: async ({ alone, within, order }) => {
    const expected = [await alone(1), await alone(2), await alone(1)];
    await within(async ({ run }) => {
      const both = await Promise.all([run(order('beside-seed-1', 1)), run(order('beside-seed-2', 2))]);
      const after = await run(order('after-seed-1', 1));
      for (const [at, ran] of [...both, after].entries()) {
        const words = at < 2 ? 'side by side' : 'one after the other';
        const done = whole(ran);
        ownSignals(done, words);
        const found = difference(substance(expected[at]!), substance(done), ['alone', words]);
        if (found !== undefined) broken(found);
      }
    });
  },
};

export const signalRules: readonly ExecutorRule[] = [inOrder, ends, independent];

/** Trials that are stopped, go on, or fail. */
import type { TrialStore } from '@ligature/core';
import { broken, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show } from '../harness/show.js';
import {
  eventsOf,
  heardLosses,
  storeElsewhere,
  substance,
  textIn,
  whole,
  type ExecutorSubject,
  type Ran,
} from './subject.js';

type ExecutorRule = RuleSpec<ExecutorSubject>;

const STOPPED = 'stopped-seed-1';

/** A trial that is told to stop at its first step, in the given store. */
const stopped = ({ within, order }: ExecutorSubject, store: TrialStore): Promise<Ran> =>
  within(
    ({ run }) => {
      const stop = new AbortController();
      return run(order(STOPPED), stop, (signal) => {
        if (signal.kind === 'event' && signal.event.type === 'step.completed') stop.abort();
      });
    },
    () => store,
  );

const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null | undefined)?.code;

function assertStopped(ran: Ran, when: string): void {
  if (ran.result ? ran.result.outcome !== 'stopped' : codeOf(ran.error) !== 'trial-interrupted')
    broken(`stopped ${when}, ${ran.found}`);
  if (eventsOf(ran).some(({ type }) => type === 'run.completed'))
    broken(`stopped ${when}, run.completed was heard`);
}

const stops: ExecutorRule = {
  id: 'stops',
  must: 'a run that is told to stop, also before it began, ends with the outcome "stopped" or the code "trial-interrupted"',
  why: 'Ctrl-C waits for it; any other end is a result that is not whole, or a failure that nobody caused',
  mend: 'Look at `stop.aborted` before anything is begun, and hand the signal on to the run',
  check: async (subject) => {
    // A run that cannot be carried out says nothing about stopping.
    await subject.alone(1);
    assertStopped(await stopped(subject, storeElsewhere()), 'at its first step');
    const stop = new AbortController();
    stop.abort();
    assertStopped(await subject.within(({ run }) => run(subject.order(STOPPED), stop)), 'before it began');
  },
};

const resumes: ExecutorRule = {
  id: 'resumes',
  must: 'an order with `resume` goes on where the trial stopped, through another executor too, and ends as one that never did',
  why: 'A study that goes on must not train again what it has, nor come to other results',
  mend: 'Put everything into the store when a run stops, fetch it before it goes on, and use the newest checkpoint',
  check: async (subject) => {
    const { alone, within, order } = subject;
    const expected = await alone(1);
    const store = storeElsewhere();
    const before = await stopped(subject, store);
    if (before.result?.outcome !== 'stopped')
      return notApplicable(`it did not stop on its way: ${before.found}`);
    const after = whole(
      await within(
        ({ run }) => run(order(STOPPED, 1, { resume: true })),
        () => store,
      ),
    );
    const first = heardLosses(after)[0]?.step;
    if (first !== before.result.steps + 1)
      broken(`stopped after step ${before.result.steps}, it went on with step ${show(first)}`);
    const found = difference(substance(expected), substance(after), ['without a stop', 'with one']);
    if (found !== undefined) broken(found);
  },
};

async function assertWhole(store: TrialStore, trial: string): Promise<void> {
  for (const file of await store.files(trial)) {
    if (!/\.jsonl?$/.test(file)) continue;
    const text = (await textIn(store, trial, file)) ?? '';
    const lines = file.endsWith('.json') ? [text] : text.split('\n');
    // JSON lines end with a line break, so that nothing follows the last one.
    if (file.endsWith('.jsonl') && text !== '' && lines.pop() !== '')
      broken(`the last line of ${file} has no end`);
    for (const line of lines) {
      if (!isJson(line)) broken(`${file} holds ${show(line)}`);
    }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const wholeFiles: ExecutorRule = {
  id: 'whole-files',
  must: 'when a run is answered nothing in the store is half-written, also where it was stopped: JSON files and JSON lines parse',
  why: 'The next process begins with what lies there',
  mend: 'Wait for the files of the run to be closed, then put them into the store, each as a whole',
  check: async (subject) => {
    const { store, order } = await subject.alone(1);
    await assertWhole(store, order.copy.id);
    const left = storeElsewhere();
    await stopped(subject, left);
    await assertWhole(left, STOPPED);
  },
};

const NOBODY = 'nobody-has-this-controller';

const fails = async ({ order }: ExecutorSubject, run: (given: ReturnType<typeof order>) => Promise<Ran>) => {
  const given = order('refused-seed-1');
  const controller = { ...given.config.controller, name: NOBODY, options: {} };
  return run({ ...given, config: { ...given.config, controller } });
};

const refuses: ExecutorRule = {
  id: 'refuses-unknown',
  must: 'a controller that is not there is refused with the error of the run: code "unknown-controller", for people, with its name in the message',
  why: 'It tells a study that no other trial can do better, and a user what to mend; a trace from another process tells neither',
  mend: 'Send code, parts and kind of an error over and make the same LigatureError of them',
  check: async (subject) => {
    await subject.alone(1);
    const { error, result, found } = await subject.within(({ run }) => fails(subject, run));
    if (result) broken(`it was carried out: ${found}`);
    if (codeOf(error) !== 'unknown-controller' || !isRefusal(error))
      broken(`its code is ${show(codeOf(error))}: ${found}`);
    if (!(error as Error).message.includes(NOBODY)) broken(`it does not say which: ${found}`);
  },
};

const goesOn: ExecutorRule = {
  id: 'fails-apart',
  must: 'a trial that fails leaves no result in the store, and the executor carries out the next one',
  why: 'One trial of hundreds fails, and the others go on',
  mend: 'Make process, connection and folder anew after a failure; write result.json last',
  check: async (subject) => {
    const expected = await subject.alone(1);
    await subject.within(async ({ run, store }) => {
      await fails(subject, run);
      const left = await store.files('refused-seed-1');
      if (left.includes('result.json')) broken('the trial that failed has a result.json');
      const next = await run(subject.order('next-seed-1'));
      if (next.result?.outcome !== 'completed') return broken(`after one that failed, ${next.found}`);
      const found = difference(substance(expected), substance(whole(next)), ['alone', 'after a failure']);
      if (found !== undefined) broken(found);
    });
  },
};

export const stopRules: readonly ExecutorRule[] = [stops, resumes, wholeFiles, refuses, goesOn];

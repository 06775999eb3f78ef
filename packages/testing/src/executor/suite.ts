/** What an executor promises: each order becomes the run that it asks for, heard in order and kept in the store. */
import { entryRules } from '../entry/entry-rules.js';
import { ANSWERS, PLAYS_THROUGH } from '../harness/calls.js';
import { broken, Finding } from '../harness/finding.js';
import { INPUTS_UNTOUCHED } from '../harness/lent.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show } from '../harness/show.js';
import { createSuite } from '../harness/suite.js';
import { signalRules } from './signal-rules.js';
import { stopRules } from './stop-rules.js';
import {
  executorSubject,
  storedResult,
  storeHere,
  substance,
  whole,
  type ExecutorSubject,
} from './subject.js';

export type { CheckExecutorOptions } from './subject.js';

type ExecutorRule = RuleSpec<ExecutorSubject>;

const creates: ExecutorRule = {
  id: 'creates',
  must: 'create gives an executor',
  why: 'A study makes one before its first trial',
  mend: 'Return { run }, and dispose where there is something to let go of',
  check: ({ within }) =>
    within(async ({ executor: { dispose } }) => {
      if (dispose !== undefined && typeof dispose !== 'function')
        throw new Finding(`its dispose is ${show(dispose)}`, 'creates');
    }),
};

const playsThrough: ExecutorRule = {
  id: PLAYS_THROUGH,
  must: 'an ordinary trial comes to its end without an error, and the executor is disposed without one',
  why: 'A trial that fails is missing from the result of the study',
  mend: 'Give this check a `config` and the plug-ins that it names, and see what the run says',
  check: async ({ alone }) => void (await alone(1)),
};

const answers: ExecutorRule = {
  id: ANSWERS,
  must: 'every trial is answered, and dispose too',
  why: 'A study waits for its trials: a promise that is never settled holds it up for ever, and nothing says why',
  mend: 'Reject when the process, the machine or the connection of a trial is gone',
  check: async ({ alone }) => void (await alone(1)),
};

const untouched: ExecutorRule = {
  id: INPUTS_UNTOUCHED,
  must: 'the order stays as it was',
  why: 'It is the plan of the study: trials that go on are compared with it',
  mend: 'Change a copy',
  check: async ({ alone }) => (await alone(1)).order.assertUntouched(),
};

const ordered: ExecutorRule = {
  id: 'as-ordered',
  must: 'the run has the seed and the configuration of the order: seed, training and tying in the result are those that were asked for',
  why: 'A trial under the id of another one makes every comparison wrong',
  mend: 'Hand on the whole order, and no default of your own',
  check: async ({ alone }) => {
    for (const seed of [1, 2] as const) {
      const { result, order } = await alone(seed);
      const { config } = order.copy;
      const asked = { seed, own: config.seed, training: config.training, tying: config.tying };
      const { training, tying } = result.config ?? {};
      const ran = { seed: result.seed, own: result.config?.seed, training, tying };
      const found = difference(JSON.parse(JSON.stringify(asked)), JSON.parse(JSON.stringify(ran)), [
        'in the order',
        'in the result',
      ]);
      if (found !== undefined) broken(found);
    }
  },
};

const stored: ExecutorRule = {
  id: 'result-stored',
  must: 'what is answered lies in the store when it is answered, as result.json under the id of the trial',
  why: 'What an executor leaves anywhere else is lost; a study that goes on finds its finished trials there',
  mend: 'Put every file of the run into the store before the promise is resolved',
  check: async ({ alone }) => {
    const { store, result, order } = await alone(1);
    const kept = await storedResult(store, order.copy.id);
    const found = difference(JSON.parse(JSON.stringify(result)), kept, ['as answered', 'in the store']);
    if (found !== undefined) broken(found);
  },
};

const inPlace: ExecutorRule = {
  id: 'works-in-place',
  must: 'a store with a place on this machine comes to the same as one without',
  why: 'Studies on this machine keep a folder for each trial; others keep objects under keys',
  mend: 'Use `store.place` where it is there, or `store.write` in both cases',
  check: async ({ alone, within, order }) => {
    const expected = await alone(1);
    await within(async ({ run, store }) => {
      const ran = whole(await run(order('placed-seed-1')));
      const found =
        difference(substance(expected), substance(ran), ['elsewhere', 'in its place']) ??
        difference(JSON.parse(JSON.stringify(ran.result)), await storedResult(store, 'placed-seed-1'), [
          'as answered',
          'in the store',
        ]);
      if (found !== undefined) broken(found);
    }, storeHere);
  },
};

const deterministic: ExecutorRule = {
  id: 'deterministic',
  must: 'the same order comes to the same losses, tie maps and metrics, through a fresh executor too',
  why: 'Same seed, same log: a result that nobody can repeat shows nothing',
  mend: 'Use the backend that the order names, on machines of one kind, and nothing that is left of another trial',
  check: async ({ alone, within, order }) => {
    const again = whole(await within(({ run }) => run(order('again-seed-1'))));
    const found = difference(substance(await alone(1)), substance(again), ['at first', 'again']);
    if (found !== undefined) broken(found);
  },
};

const specs: readonly ExecutorRule[] = [
  ...entryRules<ExecutorSubject>(),
  creates,
  playsThrough,
  answers,
  untouched,
  ordered,
  stored,
  inPlace,
  deterministic,
  ...signalRules,
  ...stopRules,
];

export const executorSuite = createSuite('executors', specs, executorSubject);

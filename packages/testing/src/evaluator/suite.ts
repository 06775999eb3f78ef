/** What an evaluator promises, beyond what everything does that lives through a run. */
import type { EvaluationFold, Evaluator, LigatureEvent, Metrics } from '@ligature/core';
import { entryRules } from '../entry/entry-rules.js';
import type { Calls } from '../harness/calls.js';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show, showError } from '../harness/show.js';
import { createSuite } from '../harness/suite.js';
import { lifeRules } from '../life/life-rules.js';
import { snapshotOf } from '../life/life.js';
import { HeardBus } from '../run/heard-bus.js';
import { runEvents } from '../run/events.js';
import {
  assertMetrics,
  evaluatorSubject,
  passOf,
  type CheckEvaluatorOptions,
  type EvaluatorSubject,
  type Pass,
} from './stage.js';

const creates: RuleSpec<EvaluatorSubject> = {
  id: 'creates',
  must: 'create gives an evaluator with a name, one of begin, attach and summary, and snapshot with restore or neither',
  why: 'One that measures nothing, or that can be saved but not restored, is a mistake that no run would show',
  mend: 'Return { name, … } with what it does',
  check: async ({ make }) => {
    for (const layers of [12, 2, 1, 48]) await make(layers, { at: 0 });
  },
};

const summaryFinite: RuleSpec<EvaluatorSubject> = {
  id: 'summary-finite',
  must: 'summary gives finite numbers by name at any time, before the first event too',
  why: 'They go into the result table and into result.json, which has no NaN; a run may end at its first step',
  mend: 'Leave a metric out while there is nothing to compute it from',
  check: async ({ make, calls, summaryOf }) => {
    for (const layers of [12, 1]) {
      const clock = { at: 0 };
      const evaluator = await make(layers, clock);
      if (!evaluator.summary) notApplicable('it has no summary');
      summaryOf(evaluator);
      await withBus(async (heard) => {
        calls.now('attach', () => evaluator.attach?.(heard.bus));
        for (const event of runEvents({ layers, windows: 6, seed: 3 })) {
          await heard.tell(event, calls);
          clock.at += 1;
          summaryOf(evaluator);
        }
      });
    }
  },
};

const attachDetaches: RuleSpec<EvaluatorSubject> = {
  id: 'attach-detaches',
  must: 'attach returns a function that takes it off the bus altogether',
  why: 'A handler or listener that stays counts on in the next run, and holds everything that it refers to',
  mend: 'Return a function that calls what bus.handle returned, and unsubscribes every subscription',
  check: async (subject) => {
    const { make, calls } = subject;
    const evaluator = await make(12, { at: 0 });
    if (!evaluator.attach) notApplicable('it does not listen');
    await withBus(async (heard) => {
      const detach: unknown = calls.now('attach', () => evaluator.attach!(heard.bus));
      if (typeof detach !== 'function') broken(`attach gave ${show(detach)}`);
      const events = runEvents({ layers: 12, windows: 14, seed: 3 });
      const half = Math.floor(events.length / 2);
      for (const event of events.slice(0, half)) await heard.tell(event, calls);
      calls.now('detach', detach as () => void);
      const left = heard.handlers;
      if (left > 0) broken(`${left} of its handlers ${left === 1 ? 'is' : 'are'} still on the bus`);
      const before = memoryOf(subject, evaluator);
      for (const event of events.slice(half)) {
        const [said] = await heard.tell(event, calls);
        if (said) broken(`detached, it still published ${said.type} after ${event.type}`);
      }
      const found = difference(before, memoryOf(subject, evaluator), ['when it was detached', 'later']);
      if (found !== undefined) broken(`detached, it still listens: ${found}`);
    });
  },
};

/** What it knows; its state only where that does not measure the machine. */
function memoryOf({ summaryOf, machineMetrics, calls }: EvaluatorSubject, evaluator: Evaluator): unknown {
  const state = machineMetrics.length > 0 || !evaluator.snapshot ? null : snapshotOf(evaluator, calls);
  return structuredClone({ summary: summaryOf(evaluator), state });
}

async function withBus(use: (heard: HeardBus) => Promise<void>): Promise<void> {
  const heard = new HeardBus();
  try {
    await use(heard);
  } finally {
    heard.dispose();
  }
}

const publishesOwn: RuleSpec<EvaluatorSubject> = {
  id: 'publishes-own',
  must: 'it publishes diagnostic.raised and nothing else, as plain data with finite evidence',
  why: 'Every other event has an owner whom the rest of the run believes: a foreign step.completed would be counted as a step',
  mend: 'Publish { type: "diagnostic.raised", code, window, message, evidence }, and put numbers into summary',
  check: async ({ played }) => {
    for (const { at, what } of await played()) {
      for (const said of (what as { said?: LigatureEvent[] }).said ?? []) assertOwn(said, at);
    }
  },
};

function assertOwn(said: LigatureEvent, at: string): void {
  if (said.type !== 'diagnostic.raised') broken(`at ${at} it published ${said.type}`);
  const { code, message, evidence, window } = said;
  if (typeof code !== 'string' || typeof message !== 'string' || !Number.isInteger(window)) {
    broken(`at ${at} it published ${show(said)}`);
  }
  assertMetrics(evidence, `the evidence of ${code} at ${at}`, 'publishes-own');
  const found = difference(said, JSON.parse(JSON.stringify(said)), ['in memory', 'as a line of the log']);
  if (found !== undefined) broken(`of ${code} at ${at}, ${found}`);
}

const foldEmpty: RuleSpec<EvaluatorSubject> = {
  id: 'fold-empty-refused',
  must: 'a fold that was given nothing refuses to finish, with a ContractError',
  why: '0 / 0 would become the result of an evaluation that never took place',
  mend: 'Count the tokens that were added, and throw a ContractError when there are none',
  check: async (subject) => {
    const fold = await begun(subject);
    try {
      const metrics: unknown = fold.finish({ split: 'test', tokens: 0, bytes: 0 });
      broken(`finish gave ${show(metrics)}`);
    } catch (error) {
      if (error instanceof Finding) throw error;
      if (!isRefusal(error)) broken(`finish threw ${showError(error)}`);
    }
  },
};

const foldMetrics: RuleSpec<EvaluatorSubject> = {
  id: 'fold-metrics',
  must: 'a fold gives finite numbers by name, at least one, also where the bytes of the text are not known',
  why: 'They are an event of the log, and the column by which runs are compared',
  mend: 'Leave a metric out where it cannot be computed',
  check: async (subject) => {
    for (const bytes of [0, 999]) {
      for (const number of [1, 2, 3]) {
        const { scores, scope } = passOf(3, number);
        const metrics: unknown = folded(
          await begun(subject),
          { scores, scope: { ...scope, bytes } },
          subject.calls,
        );
        assertMetrics(metrics, 'finish', 'fold-metrics');
        if (Object.keys(metrics).length === 0) broken('finish gave no metric');
      }
    }
  },
};

const foldsIndependent: RuleSpec<EvaluatorSubject> = {
  id: 'folds-independent',
  must: 'each fold that begin gives starts from nothing, whatever others do',
  why: 'Validation and test are folded one after another: sums that go over would mix the splits',
  mend: 'Keep the sums inside of `begin`',
  check: async (subject) => {
    const [one, other] = [passOf(3, 1), passOf(4, 2)];
    const { calls } = subject;
    const evaluator = await subject.make(12, { at: 0 });
    const alone = [folded(await begun(subject), one, calls), folded(await begun(subject), other, calls)];
    const first = begin(evaluator);
    const second = begin(evaluator);
    const together = calls.now('folding two passes at once', () => {
      one.scores.forEach((score, index) => {
        first.add({ ...score });
        second.add({ ...other.scores[index]! });
      });
      return [first.finish({ ...one.scope }), second.finish({ ...other.scope })];
    });
    const again = [folded(begin(evaluator), one, calls), folded(begin(evaluator), other, calls)];
    for (const [index, expected] of alone.entries()) {
      const found =
        difference(expected, together[index], ['alone', 'beside another fold']) ??
        difference(expected, again[index], ['alone', 'after another fold']);
      if (found !== undefined) broken(found);
    }
  },
};

/** @throws NotApplicable */
async function begun({ make }: EvaluatorSubject): Promise<EvaluationFold> {
  return begin(await make(12, { at: 0 }));
}

function begin(evaluator: Evaluator): EvaluationFold {
  return evaluator.begin ? evaluator.begin() : notApplicable('it folds no evaluation passes');
}

function folded(fold: EvaluationFold, { scores, scope }: Pass, calls: Calls): Metrics {
  return calls.now('folding a pass', () => {
    for (const score of scores) fold.add({ ...score });
    return fold.finish({ ...scope });
  });
}

const specs: readonly RuleSpec<EvaluatorSubject>[] = [
  ...entryRules(),
  creates,
  ...lifeRules<EvaluatorSubject>({
    thing: 'evaluator',
    acts: 'measurements',
    chance: '',
    time: 'through context.now',
  }),
  summaryFinite,
  attachDetaches,
  publishesOwn,
  foldEmpty,
  foldMetrics,
  foldsIndependent,
];

export const evaluatorSuite = createSuite('evaluators', specs, evaluatorSubject);
export type { CheckEvaluatorOptions };

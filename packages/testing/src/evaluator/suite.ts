/** What an evaluator promises, beyond what everything does that lives through a run. */
import type { Evaluator, LigatureEvent } from '@ligature/core';
import { entryRules } from '../entry/entry-rules.js';
import { broken, notApplicable } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show } from '../harness/show.js';
import { createSuite } from '../harness/suite.js';
import { lifeRules } from '../life/life-rules.js';
import { snapshotOf } from '../life/life.js';
import { metricRules } from '../metrics/metric-rules.js';
import { HeardBus } from '../run/heard-bus.js';
import { runEvents } from '../run/events.js';
import {
  assertMetrics,
  evaluatorSubject,
  type CheckEvaluatorOptions,
  type EvaluatorSubject,
} from './stage.js';

const creates: RuleSpec<EvaluatorSubject> = {
  id: 'creates',
  must: 'create gives an evaluator with a name, one of metrics, attach and summary, and snapshot with restore or neither',
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
  ...metricRules,
];

export const evaluatorSuite = createSuite('evaluators', specs, evaluatorSubject);
export type { CheckEvaluatorOptions };

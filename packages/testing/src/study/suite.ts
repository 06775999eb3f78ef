/** What a study promises: trials that follow from its configuration, and a document that follows from their results. */
import { PluginHost, runConfigSchema } from '@ligature/core';
import type {
  PlannedTrial,
  Plugin,
  RunConfig,
  RunConfigInput,
  Study,
  StudyDocument,
  StudyOutcome,
} from '@ligature/core';
import { assertFunctions, entryRules } from '../entry/entry-rules.js';
import { withAmbient } from '../harness/ambient.js';
import { PLAYS_THROUGH, type Calls } from '../harness/calls.js';
import { broken, notApplicable } from '../harness/finding.js';
import { Lent } from '../harness/lent.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import { createSuite } from '../harness/suite.js';
import { assertDocument } from './document.js';
import { eventsOf, finished } from './results.js';

export interface CheckStudyOptions extends CheckOptions {
  /** Above the defaults of the study; its trials are planned, and never trained. */
  readonly config?: RunConfigInput;
  /** Plug-ins that its configurations name, such as that of the model. */
  readonly plugins?: readonly Plugin[];
  /** What its `work` gives, for a study whose own work takes long; asked of the study if left out. */
  readonly work?: unknown;
}

interface StudySubject extends Subject<'studies'> {
  config(): RunConfig;
  make(calls?: Calls): Promise<Study>;
  /** @param done share of the trials that were finished; the others failed */
  outcome(study: Study, done: number, calls?: Calls): Promise<StudyOutcome>;
}

function studySubject(plugin: Plugin, name: string, options: CheckStudyOptions = {}): StudySubject {
  const subject = subjectOf('studies', plugin, name, options);
  const { plugins = [] } = options;
  const config = (): RunConfig =>
    subject.calls.now('defaults', () =>
      runConfigSchema.parse({ ...subject.entry.defaults?.(), ...options.config }),
    );
  return {
    ...subject,
    config,
    async make(calls = subject.calls) {
      const host = new PluginHost();
      calls.now('the host', () => [plugin, ...plugins].forEach((one) => host.register(one)), 'registers');
      const study = await subject.create({ host }, calls);
      assertFunctions(study, 'study', ['plan', 'introduction', 'summarize', 'present']);
      return study;
    },
    async outcome(study, done, calls = subject.calls) {
      const plan = calls.now('plan', () => study.plan(config()));
      const trials = done === 1 ? withFurther(study, config(), plan, calls) : plan;
      const border = Math.round(done * trials.length);
      const work: unknown =
        'work' in options ? options.work : await calls.wait('work', async () => study.work?.(config()));
      return {
        ...{ config: config(), trials, work, events: eventsOf },
        finished: trials.slice(0, border).map(finished),
        failed: trials
          .slice(border)
          .map(({ label, seed }) => ({ controller: label, seed, message: 'it was interrupted' })),
      };
    },
  };
}

/** Far more than a study with rounds has. */
const MOST_ROUNDS = 100;

/** All trials that there are when each of them is finished. */
function withFurther(
  study: Study,
  config: RunConfig,
  plan: readonly PlannedTrial[],
  calls: Calls,
): readonly PlannedTrial[] {
  let trials = plan;
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const ended = { config, finished: trials.map(finished), failed: [] };
    const following = calls.now('further', () => study.further?.(ended) ?? []);
    const fresh = following.filter(({ id }) => !trials.some((one) => one.id === id));
    if (fresh.length === 0) return trials;
    trials = [...trials, ...fresh];
  }
  return broken(`further gave new trials in each of ${MOST_ROUNDS} rounds`);
}

type StudyRule = RuleSpec<StudySubject>;

/** All of them, some, and none. */
const SHARES = [1, 0.5, 0];

async function present(subject: StudySubject, share: number, calls?: Calls): Promise<StudyDocument> {
  const { calls: own } = subject;
  const by = calls ?? own;
  const study = await subject.make(by);
  const outcome = await subject.outcome(study, share, by);
  const result: unknown = by.now('summarize', () => study.summarize(outcome));
  return by.now('present', () => study.present(result));
}

const creates: StudyRule = {
  id: 'creates',
  must: 'create gives a study',
  why: 'Its command makes one before the first trial',
  mend: 'Return { plan, introduction, summarize, present }',
  check: async ({ make }) => void (await make()),
};

const playsThrough: StudyRule = {
  id: PLAYS_THROUGH,
  must: 'it plans, sums up and presents without an error, also where trials failed or none came to its end',
  why: 'After hours of training a page that cannot be written is all that is lost, and all that counts',
  mend: 'Leave out what cannot be said, and say so in the verdict',
  check: async (subject) => {
    for (const share of SHARES) await present(subject, share);
  },
};

const plans: StudyRule = {
  id: 'plan-form',
  must: 'trials have ids of their own that fit a folder, a label, a whole seed, and a whole configuration as JSON; all trials of a seed stand together',
  why: 'Folders, objects and jobs are named after the ids; an early stop is to leave whole seeds behind',
  mend: 'Build ids from letters, digits, ".", "=", "_" and "-", and plan seed by seed',
  check: async ({ make, outcome }) => {
    const { trials } = await outcome(await make(), 1);
    const ids = trials.map(({ id }) => id);
    for (const { id, label, seed, config: own } of trials) {
      if (typeof id !== 'string' || !/^[A-Za-z0-9.=_-]+$/.test(id)) broken(`a trial has the id ${show(id)}`);
      if (typeof label !== 'string' || label === '') broken(`the trial "${id}" has the label ${show(label)}`);
      if (!Number.isInteger(seed)) broken(`the trial "${id}" has the seed ${show(seed)}`);
      const parsed = runConfigSchema.safeParse(JSON.parse(JSON.stringify(own ?? null)));
      const found = parsed.success ? difference(own, parsed.data, ['planned', 'read']) : parsed.error.message;
      if (found !== undefined) broken(`the configuration of the trial "${id}": ${found}`);
    }
    const twice = ids.find((id, at) => ids.indexOf(id) !== at);
    if (twice !== undefined) broken(`two trials have the id "${twice}"`);
    const seeds = trials.map(({ seed }) => seed).filter((seed, at, all) => seed !== all[at - 1]);
    if (new Set(seeds).size !== seeds.length) broken(`its trials go through the seeds ${seeds.join(', ')}`);
  },
};

const planned: StudyRule = {
  id: 'plan-repeats',
  must: 'the same configuration gives the same plan, from a fresh instance too, and settings of how trials are run change no id',
  why: 'A study that goes on finds its trials by their ids; one that is carried out side by side is the same study',
  mend: 'Derive everything from settings and configuration, and nothing of an id from `compare.parallel` or `threads`',
  check: async ({ make, config, calls, outcome }) => {
    const [one, other] = [await make(), await make()];
    const [all, again] = [await outcome(one, 1), await outcome(other, 1)];
    const following = difference(all.trials, again.trials, ['at first', 'planned again']);
    if (following !== undefined) broken(`trial ${following}`);
    const lent = new Lent('the configuration', config());
    const plan = (study: Study, given: RunConfig) => calls.now('plan', () => study.plan(given));
    const first = plan(one, lent.copy);
    lent.assertUntouched();
    for (const again of [plan(one, config()), plan(other, config())]) {
      const found = difference(first, again, ['at first', 'planned again']);
      if (found !== undefined) broken(`trial ${found}`);
    }
    const given = config();
    const beside = plan(one, { ...given, compare: { ...given.compare, parallel: 3 } });
    const found = difference(
      first.map(({ id }) => id),
      beside.map(({ id }) => id),
      ['one by one', 'side by side'],
    );
    if (found !== undefined) broken(`trial ${found}`);
  },
};

const introduces: StudyRule = {
  id: 'introduction-form',
  must: 'introduction is one line of text',
  why: 'It is all that a user sees before the first trial',
  mend: 'Say how many trials of what there are',
  check: async ({ make, config, calls }) => {
    const study = await make();
    const trials = study.plan(config());
    const text: unknown = calls.now('introduction', () => study.introduction(config(), trials));
    if (typeof text !== 'string' || text === '' || text.includes('\n'))
      broken(`introduction gave ${show(text)}`);
  },
};

const summarizes: StudyRule = {
  id: 'deterministic',
  must: 'the same outcome gives the same result and the same document, from a fresh instance too, and stays as it was',
  why: 'Files and pages are made again from what the trials left: they must not tell another story',
  mend: 'Keep nothing between calls; sort copies, not what was given',
  check: async (subject) => {
    const { make, outcome, calls } = subject;
    const studies = [await make(), await make()];
    const given = await outcome(studies[0]!, 1);
    const { events, ...data } = given;
    const before = structuredClone(data);
    const documents = [studies[0]!, studies[0]!, studies[1]!].map((study) => {
      const result: unknown = calls.now('summarize', () => study.summarize({ ...data, events }));
      const copy = structuredClone(result);
      const document = calls.now('present', () => study.present(result));
      return { result: copy, document: structuredClone(document) };
    });
    const changed = difference(before, data, ['at first', 'afterwards']);
    if (changed !== undefined) broken(`it changed the outcome: ${changed}`);
    for (const again of documents.slice(1)) {
      const found = difference(documents[0], again, ['at first', 'again']);
      if (found !== undefined) broken(found);
    }
  },
};

const presents: StudyRule = {
  id: 'document-form',
  must: 'the document is JSON with a name, a title, a lead, a verdict and a command; rows have a cell for every column, ids and files are there once',
  why: 'Pages, Markdown, terminals and CSV files are made from it without asking the study again',
  mend: 'Build it from the blocks of StudyDocument; null is a cell that was not measured',
  check: async (subject) => {
    for (const share of SHARES) assertDocument(await present(subject, share));
  },
};

const failures: StudyRule = {
  id: 'failures-shown',
  must: 'trials that failed are in the document',
  why: 'A result that leaves out the runs that broke looks better than it is',
  mend: 'Hand on `outcome.failed`',
  check: async (subject) => {
    const study = await subject.make();
    const { failed } = await subject.outcome(study, 0.5);
    if (failed.length === 0) return notApplicable('it has no trials');
    const shown = (await present(subject, 0.5)).failed;
    // A study may call them more than their labels, such as by their number in a table.
    const called = failed.map((one, at) => {
      const name = shown[at]?.controller;
      return name?.includes(one.controller) ? { ...one, controller: name } : one;
    });
    const found = difference(called, shown, ['as they failed', 'in the document']);
    if (found !== undefined) broken(found);
  },
};

const takesNo =
  (source: 'chance' | 'clock') =>
  async (subject: StudySubject): Promise<void> => {
    await withAmbient(async (ambient) => {
      await present(subject, 1, subject.calls.watchedBy(ambient));
      const note = ambient.notes.find((one) => one.source === source);
      if (note) broken(`it called ${note.call} at ${note.place}`);
    });
  };

const specs: readonly StudyRule[] = [
  ...entryRules<StudySubject>(),
  creates,
  playsThrough,
  plans,
  planned,
  introduces,
  summarizes,
  presents,
  failures,
  {
    id: 'no-math-random',
    must: 'it does not use Math.random or another unseeded source of chance',
    why: 'A plan that is drawn anew is another study',
    mend: 'Draw from createRandomStream with a seed of the settings',
    check: takesNo('chance'),
  },
  {
    id: 'no-clock',
    must: 'it does not read the clock',
    why: 'Files that hold the time differ each time they are written',
    mend: 'Leave time out; how long trials took is in their results',
    check: takesNo('clock'),
  },
];

export const studySuite = createSuite('studies', specs, studySubject);

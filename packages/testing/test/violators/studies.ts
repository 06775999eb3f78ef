/** A study, and what can be wrong with one. */
import {
  definePlugin,
  defineStudy,
  type PlannedTrial,
  type Plugin,
  type RunConfig,
  type Study,
  type StudyCommand,
  type StudyDocument,
  type StudyOutcome,
} from '@ligature/core';
import type { CheckStudyOptions } from '@ligature/testing';
import { z } from 'zod';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { NAME, type Violator } from './violators.js';

const fields = { widths: z.array(z.int()).default([4, 8]).describe('widths to try') };
const options = z.strictObject(fields);

const command: StudyCommand = {
  description: 'Which width is best',
  configured: true,
  flags: [],
  common: {},
  misplaced: { verb: 'Try widths', found: 'it means nothing here', todo: 'Leave it out' },
};

interface Result {
  readonly rows: readonly { readonly label: string; readonly seed: number; readonly nats: number }[];
  readonly failed: StudyOutcome['failed'];
}

const widths = (tried: readonly number[]): Study<undefined, Result> => ({
  plan: (config) =>
    [1, 2].flatMap((seed) =>
      tried.map((width): PlannedTrial => {
        const label = `width=${width}`;
        return { id: `${label}-seed-${seed}`, label, seed, config: { ...config, seed } };
      }),
    ),
  introduction: (_, trials) => `${trials.length} trials`,
  summarize: ({ finished, failed }) => ({
    rows: finished.map(({ trial: { label, seed }, result }) => ({
      ...{ label, seed },
      nats: result.validation['nats']!,
    })),
    failed,
  }),
  present: ({ rows, failed }) => ({
    ...{ name: 'widths', kind: 'widths', title: 'Widths', lead: 'Some widths were tried.' },
    verdict: rows.length === 0 ? 'Nothing was trained.' : 'The lower the better.',
    body: [
      { kind: 'verdict' },
      {
        kind: 'table',
        caption: 'Widths',
        columns: [
          { key: 'width', heading: 'width', unit: 'text' },
          { key: 'nats', heading: 'nats', unit: 'nats' },
        ],
        rows: rows.map(({ label, nats }) => [label, nats]),
        file: 'widths.csv',
      },
    ],
    ...{ failed, unfinished: 0, command: 'ligature study widths', config: null },
  }),
});

type Good = Study<undefined, Result>;

function studyPlugin(
  change: (good: Good) => Partial<Good> = () => ({}),
  meta: EntryFault['meta'] = {},
): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    studies: {
      [NAME]: defineStudy({
        meta: { summary: 'Which width is best', options, ...meta },
        command,
        create(settings: z.output<typeof options>) {
          const good = widths(settings.widths);
          return { ...good, ...change(good) };
        },
      }),
    },
  });
}

export const goodStudy = studyPlugin();

const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: (good: Good) => Partial<Good>,
  more: Pick<Violator<CheckStudyOptions>, 'also' | 'maybe'> = {},
): Violator<CheckStudyOptions> => ({ rule, fault, found, plugin: studyPlugin(change), ...more });

const planning =
  (change: (trials: readonly PlannedTrial[], config: RunConfig) => readonly PlannedTrial[]) =>
  (good: Good): Partial<Good> => ({ plan: (config) => change(good.plan(config), config) });

const presenting =
  (change: (document: StudyDocument, result: Result) => StudyDocument) =>
  (good: Good): Partial<Good> => ({ present: (result) => change(good.present(result), result) });

let made = 0;

export const studyViolators: readonly Violator<CheckStudyOptions>[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({ ...fault, plugin: studyPlugin(undefined, meta) })),
  violator('creates', 'cannot plan', /no function plan/, () => ({ plan: undefined }) as never),
  violator('plays-through', 'divides by what came to its end', /summarize threw RangeError/, (good) => ({
    summarize(outcome) {
      if (outcome.finished.length === 0) throw new RangeError('nothing to compare');
      return good.summarize(outcome);
    },
  })),
  violator(
    'plan-form',
    'names folders that are none',
    /a trial has the id "width\/4/,
    planning((trials) => trials.map((trial) => ({ ...trial, id: trial.id.replace('=', '/') }))),
  ),
  violator(
    'plan-form',
    'gives all seeds one id',
    /two trials have the id/,
    planning((trials) => trials.map((trial) => ({ ...trial, id: trial.label }))),
  ),
  violator(
    'plan-form',
    'goes through its seeds width by width',
    /go through the seeds \d, \d, \d/,
    planning((trials) => [...trials].sort((one, other) => (one.label < other.label ? -1 : 1))),
  ),
  violator(
    'plan-form',
    'leaves out a part of the configuration',
    /the configuration of the trial/,
    planning((trials) =>
      trials.map(({ config, ...trial }) => ({
        ...trial,
        config: { ...config, training: undefined as never },
      })),
    ),
  ),
  violator(
    'plan-repeats',
    'numbers its trials on and on',
    /trial 0.id is/,
    planning((trials) => trials.map((trial) => ({ ...trial, id: `${trial.id}-${(made += 1)}` }))),
    { maybe: ['deterministic'] },
  ),
  violator(
    'plan-repeats',
    'names trials after how many run at once',
    /side by side/,
    planning((trials, { compare }) =>
      trials.map((trial) => ({ ...trial, id: `${trial.id}-of-${compare.parallel}` })),
    ),
  ),
  violator('introduction-form', 'says nothing', /introduction gave ""/, () => ({ introduction: () => '' })),
  violator('deterministic', 'sorts the trials that it was given', /it changed the outcome/, (good) => ({
    summarize(outcome) {
      (outcome.finished as unknown[]).reverse();
      return good.summarize(outcome);
    },
  })),
  violator('deterministic', 'counts how often it was asked', /document.title is/, (good) => ({
    present: (result) => ({ ...good.present(result), title: `Widths ${(made += 1)}` }),
  })),
  violator(
    'document-form',
    'has a row that is too short',
    /a row of "Widths" has 1 cells for 2 columns/,
    presenting((document, { rows }) => ({
      ...document,
      body: document.body.map((block) =>
        block.kind === 'table' ? { ...block, rows: rows.map(({ label }) => [label]) } : block,
      ),
    })),
  ),
  violator(
    'document-form',
    'says what JSON has not',
    /after JSON/,
    presenting((document) => ({
      ...document,
      body: document.body.map((block) =>
        block.kind === 'table' ? { ...block, rows: [['mean', Number.NaN]] } : block,
      ),
    })),
  ),
  violator(
    'document-form',
    'has no verdict',
    /its verdict is ""/,
    presenting((document) => ({ ...document, verdict: '' })),
  ),
  violator(
    'document-form',
    'writes two tables into one file',
    /the file "widths.csv" is there twice/,
    presenting((document) => ({
      ...document,
      body: [...document.body, ...document.body],
    })),
  ),
  violator(
    'failures-shown',
    'leaves out what failed',
    /in the document/,
    presenting((document) => ({ ...document, failed: [] })),
  ),
  violator(
    'failures-shown',
    'does not say which failed',
    /controller is "width=\d" as they failed and "one of them" in the document/,
    presenting((document) => ({
      ...document,
      failed: document.failed.map((one) => ({ ...one, controller: 'one of them' })),
    })),
  ),
  violator(
    'no-math-random',
    'draws its seeds',
    /Math.random\(\)/,
    planning((trials) => {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
      return trials;
    }),
  ),
  violator(
    'no-clock',
    'dates its title',
    /new Date\(\)/,
    presenting((document) => {
      // eslint-disable-next-line no-restricted-syntax -- the fault itself
      void new Date();
      return document;
    }),
  ),
];

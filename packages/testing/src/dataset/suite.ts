/** What a dataset promises of its splits. */
import { rm } from 'node:fs/promises';
import type { Dataset, SplitName } from '@ligature/core';
import { entryRules } from '../entry/entry-rules.js';
import { withAmbient, type Source } from '../harness/ambient.js';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show, showError } from '../harness/show.js';
import { createSuite } from '../harness/suite.js';
import { rulesOf, type ContentKind, type Contents } from './kinds.js';
import {
  digestsBelow,
  datasetSubject,
  emptyFolder,
  SPLITS,
  type CheckDatasetOptions,
  type DatasetSubject,
} from './subject.js';

type Splits = Readonly<Record<SplitName, Contents>>;

async function splitsOf({ contents }: DatasetSubject, dataset: Dataset, order = SPLITS): Promise<Splits> {
  const splits = new Map<SplitName, Contents>();
  for (const name of order) splits.set(name, await contents(dataset, name));
  return Object.fromEntries(splits) as unknown as Splits;
}

const freshSplits = (subject: DatasetSubject): Promise<Splits> =>
  subject.inFolder(async (context) => splitsOf(subject, await subject.make(context)));

const creates: RuleSpec<DatasetSubject> = {
  id: 'creates',
  must: 'create gives a dataset with a name and a description of one line',
  why: 'Runs and tables name it; the description says where the text is from and under which licence',
  mend: 'Return { name, description } with split, labelledTexts, questions or images',
  check: async ({ inFolder, make }) => void (await inFolder(make)),
};

const playsThrough: RuleSpec<DatasetSubject> = {
  id: 'plays-through',
  must: 'every split can be read without an error',
  why: 'A run reads all three before its first step',
  mend: 'Check with this suite what a user would name: { source, folder, options }',
  check: async (subject) => void (await freshSplits(subject)),
};

const answers: RuleSpec<DatasetSubject> = {
  id: 'answers',
  must: 'every split is there in time',
  why: 'A promise that is never settled holds up the run for ever, and nothing says why',
  mend: 'Settle every promise, also when reading fails; raise timeoutSeconds if the text is large',
  check: playsThrough.check,
};

const splitsRule: RuleSpec<DatasetSubject> = {
  id: 'splits',
  must: 'each split is what its method promises, is not empty, and says whether its border is official or derived',
  why: 'Results on a split that Ligature cut cannot be compared with published ones; tables say which it was',
  mend: 'Return what the contract of the method says, such as { text, origin }; throw an InputError when there is none',
  check: playsThrough.check,
};

const kindsOf = (contents: Contents): ContentKind[] => Object.keys(contents) as ContentKind[];

const textsOf = (contents: Contents): string[] =>
  kindsOf(contents).flatMap((kind) => [...rulesOf(kind).texts(contents[kind])]);

const wellFormedText: RuleSpec<DatasetSubject> = {
  id: 'well-formed',
  must: 'the texts are well-formed Unicode: no surrogate stands alone',
  why: 'Half a character becomes U+FFFD in every tokenizer, and counts of bytes are wrong; a cut at any index makes some',
  mend: 'Cut where no pair is divided, and decode files with new TextDecoder("utf-8", { fatal: true })',
  check: async (subject) => {
    for (const [name, contents] of Object.entries(await freshSplits(subject)))
      for (const text of textsOf(contents)) {
        const at = text.search(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/);
        if (at >= 0)
          broken(
            `the ${name} split has a lone surrogate at ${at}: ${show(text.slice(Math.max(0, at - 10), at + 10))}`,
          );
      }
  },
};

const disjoint: RuleSpec<DatasetSubject> = {
  id: 'disjoint',
  must: 'the splits do not overlap: passages or examples of one do not occur in another',
  why: 'A model that has trained on the test split is not tested',
  mend: 'Cut the data once, always in the same way, and give each part to one split',
  check: async (subject) => {
    const { train, validation, test } = await freshSplits(subject);
    const pairs = [
      ['validation', validation, 'train', train],
      ['test', test, 'train', train],
      ['test', test, 'validation', validation],
    ] as const;
    for (const [name, split, otherName, other] of pairs) {
      for (const kind of kindsOf(split)) {
        const found = rulesOf(kind).shared(split[kind], other[kind]);
        if (found) {
          broken(`${found.many} of the ${name} split are in the ${otherName} split: ${show(found.one)}`);
        }
      }
    }
  },
};

const deterministic: RuleSpec<DatasetSubject> = {
  id: 'deterministic',
  must: 'the splits are the same again: asked twice, in another order, at once, and from another instance',
  why: 'Controllers are compared on the same data; a resumed run reads the text again and refuses another one',
  mend: 'Sort what a folder lists, draw nothing, and share one promise between calls at once',
  check: async (subject) => {
    await subject.inFolder(async (context) => {
      const dataset = await subject.make(context);
      const first = await splitsOf(subject, dataset);
      const backwards = await splitsOf(subject, dataset, [...SPLITS].reverse());
      assertSame(first, backwards, ['at first', 'asked again']);
      const other = await subject.make(context);
      const atOnce = await Promise.all(SPLITS.map((name) => subject.contents(other, name)));
      const together = Object.fromEntries(SPLITS.map((name, index) => [name, atOnce[index]!]));
      assertSame(first, together as unknown as Splits, ['from one instance', 'from another, all at once']);
    });
  },
};

function assertSame(one: Splits, other: Splits, words: readonly [string, string]): void {
  for (const name of SPLITS) {
    const found = difference(one[name], other[name], words);
    if (found !== undefined) broken(`the ${name} split: ${found}`);
  }
}

const missingRefused: RuleSpec<DatasetSubject> = {
  id: 'missing-refused',
  must: 'a text that is not there is refused with an InputError, by create or by split',
  why: 'A misspelt path is the commonest mistake; it must end in a sentence that helps, not in a stack trace or an empty run',
  mend: 'Throw an InputError of @ligature/core that names the path and says what to give',
  check: async (subject) => {
    const there = await freshSplits(subject);
    const folder = await emptyFolder();
    try {
      const dataset = await subject.make({ source: 'no such text', folder });
      const found = await splitsOf(subject, dataset);
      if (difference(there, found) === undefined) notApplicable('it brings its own text');
      broken(`from a folder that is empty it read ${show(found.train.text?.text ?? found.train)}`);
    } catch (error) {
      const cause = error instanceof Finding ? error.cause : undefined;
      if (cause === undefined) throw error;
      if (!isRefusal(cause)) broken(`a missing text ended in ${showError(cause)}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

const readsOnly: RuleSpec<DatasetSubject> = {
  id: 'reads-only',
  must: 'nothing in the folder of the text is changed, made or removed',
  why: 'It is the folder that the user works in',
  mend: 'Keep what is to be kept in memory, or in a cache folder that an option names',
  check: async (subject) => {
    await subject.inFolder(async (context) => {
      const before = await digestsBelow(context.folder);
      await splitsOf(subject, await subject.make(context));
      const found = difference(before, await digestsBelow(context.folder), ['before', 'after']);
      if (found !== undefined) broken(`in its folder, the digest of ${found}`);
    });
  },
};

const takesNo =
  (source: Source) =>
  async (subject: DatasetSubject): Promise<void> => {
    await withAmbient(async (ambient) => {
      const calls = subject.calls.watchedBy(ambient);
      await subject.inFolder(async (context) => {
        const dataset = await subject.make(context, calls);
        for (const name of SPLITS) await subject.contents(dataset, name, calls);
      });
      const note = ambient.notes.find((one) => one.source === source);
      if (note) broken(`it called ${note.call} at ${note.place}`);
    });
  };

const specs: readonly RuleSpec<DatasetSubject>[] = [
  ...entryRules<DatasetSubject>(),
  creates,
  playsThrough,
  answers,
  splitsRule,
  wellFormedText,
  disjoint,
  deterministic,
  missingRefused,
  readsOnly,
  {
    id: 'no-math-random',
    must: 'it does not use Math.random or another unseeded source of chance',
    why: 'Splits that are drawn differ from run to run, and test text becomes training text',
    mend: 'Cut in order, or by a hash of the passage',
    check: takesNo('chance'),
  },
  {
    id: 'no-clock',
    must: 'it does not read the clock',
    why: 'Data that depend on the time differ from run to run',
    mend: 'Name a version or a date in the options instead',
    check: takesNo('clock'),
  },
];

export const datasetSuite = createSuite('datasets', specs, datasetSubject);
export type { CheckDatasetOptions };

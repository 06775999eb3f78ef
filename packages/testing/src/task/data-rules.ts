/** What a task makes of data: the same again, resumable, complete. */
import { createRandomStream } from '@ligature/core';
import type { Batch, BatchSource, Fitted, Json, Prepared, Snapshot, SplitName } from '@ligature/core';
import { withAmbient } from '../harness/ambient.js';
import { ANSWERS, PLAYS_THROUGH } from '../harness/calls.js';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { assertSame } from '../harness/same.js';
import { savedCopy } from '../harness/saved-copy.js';
import { difference, show, showError } from '../harness/show.js';
import { evaluationOf, type TaskSubject } from './subject.js';

type TaskRule = RuleSpec<TaskSubject>;

/** Batches to draw: some epochs of a small text. */
const DRAWN = 40;
const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

const sourceOf = (subject: TaskSubject, prepared: Prepared, seed = 7): BatchSource =>
  subject.calls.now('batches', () => prepared.batches(subject.shape, createRandomStream(seed, 'data-order')));

const drawn = (subject: TaskSubject, source: BatchSource, count = DRAWN): Batch[] =>
  Array.from({ length: count }, () => subject.calls.now('next', () => source.next()));

const everything = async (subject: TaskSubject): Promise<void> => {
  const { prepared } = await subject.shared();
  drawn(subject, sourceOf(subject, prepared));
  for (const split of SPLITS)
    subject.calls.now('evaluation', () => evaluationOf(prepared, split, subject.shape));
};

const prepares: TaskRule = {
  id: 'prepares',
  must: 'prepare gives a head, inputs for the model, what to save, facts, a digest of each split, batches and evaluation sets',
  why: 'Model, results and checkpoints are made from these',
  mend: 'Return { head: { kind, outputs }, inputs, saved, facts, digests, batches, evaluation }',
  check: async ({ shared }) => void (await shared()),
};

const batchesForm: TaskRule = {
  id: 'batches-form',
  must: 'batches are named arrays as long as their shapes, finite, of the shapes that the source says, with a weight above zero',
  why: 'They are handed to a backend as they are; the ledger counts operations by the shapes, means are taken over the weight',
  mend: 'Give each field { shape, dtype, data }, and count the targets that are not ignored',
  check: async (subject) => {
    const { prepared } = await subject.shared();
    const source = sourceOf(subject, prepared);
    if (!(source.weight > 0)) broken(`the source says that batches weigh ${show(source.weight)}`);
    let sum = 0;
    for (const batch of drawn(subject, source)) {
      assertBatch(batch, 'a training batch');
      const shapes = Object.fromEntries(
        Object.entries(batch.fields).map(([name, { shape }]) => [name, shape]),
      );
      const found = difference(source.shape, shapes, ['as the source says', 'in a batch']);
      if (found !== undefined) broken(`of the shapes ${found}`);
      sum += batch.weight;
    }
    const mean = sum / DRAWN;
    if (Math.abs(mean - source.weight) > 0.5 * source.weight)
      broken(`batches weigh ${mean} on average, the source says ${source.weight}`);
    for (const split of SPLITS) {
      const { batches } = evaluationOf(prepared, split, subject.shape);
      for (const batch of batches) assertBatch(batch, `a batch of the ${split} split`);
    }
  },
};

function assertBatch({ fields, weight }: Batch, what: string): void {
  if (!Number.isFinite(weight) || weight <= 0) broken(`${what} weighs ${show(weight)}`);
  if (Object.keys(fields ?? {}).length === 0) broken(`${what} has no field`);
  for (const [name, { shape, dtype, data }] of Object.entries(fields)) {
    const right =
      dtype === 'int32' ? data instanceof Int32Array : dtype === 'float32' && data instanceof Float32Array;
    if (!right)
      broken(`the field "${name}" of ${what} is ${show(dtype)} with ${show(data?.constructor?.name)}`);
    const size = shape.reduce((product, length) => product * length, 1);
    if (data.length !== size)
      broken(`the field "${name}" of ${what}, [${shape.join(', ')}], has ${data.length} numbers`);
    const bad = data.find((value) => !Number.isFinite(value));
    if (bad !== undefined) broken(`the field "${name}" of ${what} holds ${bad}`);
  }
}

const deterministic: TaskRule = {
  id: 'deterministic',
  must: 'the same data and seed give the same, from a fresh instance and beside another source too',
  why: 'Controllers are compared on the same batches; a resumed run reads the data again and refuses others',
  mend: 'Draw from the stream that `batches` is given alone; keep the order of a source in the source',
  check: async (subject) => {
    const tasks = [await subject.make(), await subject.make()];
    const [one, other] = [await subject.prepare(tasks[0]!), await subject.prepare(tasks[1]!)];
    assertSame(summaryOf(one), summaryOf(other), 'prepared twice');
    const whole = drawn(subject, sourceOf(subject, one));
    assertSame(whole, drawn(subject, sourceOf(subject, other)), 'batches of a fresh instance');
    const [first, second] = [sourceOf(subject, one), sourceOf(subject, one, 8)];
    const beside = Array.from({ length: DRAWN }, () => {
      subject.calls.now('next', () => second.next());
      return subject.calls.now('next', () => first.next());
    });
    assertSame(whole, beside, 'batches beside another source');
    for (const split of SPLITS) {
      const sets = [one, one, other].map((prepared) => evaluationOf(prepared, split, subject.shape));
      for (const set of sets.slice(1)) assertSame(sets[0], set, `the evaluation set of ${split}`);
    }
  },
};

const summaryOf = ({ head, inputs, saved, facts, digests }: Prepared): unknown =>
  structuredClone({ head, inputs, saved, facts, digests });

const resumes: TaskRule = {
  id: 'resumes',
  must: 'a fresh source that is given the snapshot of another goes on with the same batches, and a source can be taken back',
  why: 'A run that was interrupted must see the batches that one that never stopped would',
  mend: 'Save the place in the order, the order where it was drawn, and the state of the stream',
  check: async (subject) => {
    const { prepared } = await subject.shared();
    const whole = drawn(subject, sourceOf(subject, prepared));
    for (const middle of [0, 1, 7, DRAWN - 5]) {
      const source = sourceOf(subject, prepared);
      drawn(subject, source, middle);
      const state = savedCopy(subject.calls.now('snapshot', () => source.snapshot()));
      const rest = drawn(subject, source, DRAWN - middle);
      const heir = sourceOf(subject, prepared, 99);
      drawn(subject, heir, 3);
      for (const [later, what] of [
        [heir, 'a fresh source'],
        [source, 'the same source, taken back'],
      ] as const) {
        subject.calls.now('restore', () => later.restore(savedCopy(state)));
        assertSame(rest, drawn(subject, later, DRAWN - middle), `${what}, from batch ${middle} on`);
      }
      assertSame(whole.slice(middle), rest, `after a snapshot at batch ${middle}`);
    }
  },
};

const FOREIGN: readonly Snapshot[] = [{ 'no such': 'state' }, 'a text', 42, [1, 2, 3], null];

const restoreRefuses: TaskRule = {
  id: 'restore-refuses',
  must: 'a state that is no state of a source is refused with an InputError or ContractError of @ligature/core',
  why: 'A source that takes any state goes on with batches of nobody, and the run looks fine',
  mend: 'Check the state, with a zod schema for instance, and throw a ContractError that says what was found',
  check: async (subject) => {
    const { prepared } = await subject.shared();
    for (const foreign of FOREIGN) {
      const source = sourceOf(subject, prepared);
      await refuses(() => source.restore(foreign), `restore, given ${show(foreign)},`);
    }
  },
};

async function refuses(call: () => unknown, what: string): Promise<void> {
  try {
    await call();
  } catch (error) {
    const cause: unknown = error instanceof Finding ? (error.cause ?? error) : error;
    if (isRefusal(cause)) return;
    broken(`${what} threw ${showError(cause)}`);
  }
  broken(`${what} took it without a word`);
}

const evaluationComplete: TaskRule = {
  id: 'evaluation-complete',
  must: 'an evaluation set weighs what its batches do, in batches of any size the same, and has no more batches than were asked for',
  why: 'A result must not depend on how many rows the machine can hold; one that leaves targets out measures another split',
  mend: 'Let the last batch be smaller instead of leaving rows out, and sum up the weights',
  check: async (subject) => {
    const { prepared } = await subject.shared();
    const { batch, context } = subject.shape;
    for (const split of SPLITS) {
      let whole: unknown;
      for (const rows of [batch, 1, 3, 64]) {
        const { scope, batches } = subject.calls.now('evaluation', () =>
          evaluationOf(prepared, split, { batch: rows, context }),
        );
        const weight = batches.reduce((sum, one) => sum + one.weight, 0);
        if (scope.weight !== weight || scope.split !== split)
          broken(`the set of ${split} weighs ${weight}, its scope says ${show(scope)}`);
        whole ??= scope;
        const found = difference(whole, scope, [`in batches of ${batch}`, `in batches of ${rows}`]);
        if (found !== undefined) broken(`of ${split}, ${found}`);
        const most = batches.find(({ fields }) => (Object.values(fields)[0]?.shape[0] ?? 0) > rows);
        if (most) broken(`a batch of ${split} has more than ${rows} rows`);
      }
      const few = subject.calls.now('evaluation', () =>
        evaluationOf(prepared, split, { batch: 1, context, maxBatches: 2 }),
      );
      if (few.batches.length > 2)
        broken(`asked for 2 batches of ${split} at most, it gave ${few.batches.length}`);
    }
  },
};

const digestsChange: TaskRule = {
  id: 'digests-change',
  must: 'the digest of a split changes with its data, and with nothing else',
  why: 'A run that goes on, and one that starts from the weights of another, is refused other data by it',
  mend: 'Digest what the model sees of the split, and all of it',
  check: async (subject) => {
    if (subject.dataset === null) return notApplicable('it reads no dataset');
    const task = await subject.make();
    const { digests } = await subject.prepare(task);
    // Validation and test: what is learnt from the training split may change how all are seen.
    for (const changed of ['validation', 'test'] as const) {
      const other = (await subject.prepare(await subject.make(), { changed })).digests;
      for (const split of SPLITS) {
        const same = digests[split] === other[split];
        if (same && split === changed) broken(`with another ${split} split its digest stays the same`);
        if (!same && split !== changed)
          broken(`with another ${changed} split the digest of ${split} changes`);
      }
    }
    const { digests: trained } = await subject.prepare(await subject.make(), { changed: 'train' });
    if (trained.train === digests.train) broken('with another train split its digest stays the same');
  },
};

const savedJson: TaskRule = {
  id: 'saved-json',
  must: 'what is to be saved is JSON',
  why: 'It stands in every checkpoint; what JSON cannot hold is lost there',
  mend: 'Save tokenizer.toJSON() and plain lists and objects',
  check: async ({ shared }) => {
    const { saved } = (await shared()).prepared;
    const found = difference(saved, JSON.parse(JSON.stringify(saved)), ['in memory', 'after JSON']);
    if (found !== undefined) broken(found);
  },
};

const copyOf = (saved: Json): Json => JSON.parse(JSON.stringify(saved)) as Json;

const savedOpens: TaskRule = {
  id: 'saved-opens',
  must: 'open with what was saved gives head, inputs and tokenizer as prepare fitted them, and so does prepare itself',
  why: 'A saved model is used where its data is not; other classes or ids would make its weights worthless',
  mend: 'Save all that follows from the data: the tokenizer, the names of classes',
  check: async (subject) => {
    const { prepared } = await subject.shared();
    const fitted = ({ head, inputs, saved, tokenizer }: Fitted): unknown => ({
      ...{ head, inputs, saved },
      tokenizer: tokenizer && { name: tokenizer.name, size: tokenizer.vocabularySize },
    });
    const expected = fitted(prepared);
    const opened = await open(subject, copyOf(prepared.saved));
    assertSame(expected, fitted(opened), 'opened');
    const again = await subject.prepare(await subject.make(), { saved: copyOf(prepared.saved) });
    assertSame(expected, fitted(again), 'prepared with what was saved');
    assertSame(prepared.digests, again.digests, 'digests of what was prepared with what was saved');
  },
};

async function open(subject: TaskSubject, saved: Json): Promise<Fitted> {
  const task = await subject.make();
  return subject.calls.wait('open', () =>
    task.open(saved, { tokenizer: (one) => subject.tokenizer('', one) }),
  );
}

const savedRefuses: TaskRule = {
  id: 'saved-refuses',
  must: 'open refuses what was saved by something else with an InputError or ContractError of @ligature/core',
  why: 'A model folder comes from anywhere; one that is damaged or of another task must not be opened as if it were right',
  mend: 'Check it, with a zod schema for instance, and throw a ContractError that says what was found',
  check: async (subject) => {
    const { prepared } = await subject.shared();
    const empty = prepared.saved === null || JSON.stringify(prepared.saved) === '{}';
    if (empty) return notApplicable('it has nothing to save');
    for (const foreign of [{ 'no such': 'task' }, 'a text', 42, [1, 2, 3], null])
      await refuses(() => open(subject, foreign), `open, given ${show(foreign)},`);
  },
};

const takesNo =
  (source: 'chance' | 'clock') =>
  async (subject: TaskSubject): Promise<void> => {
    const task = await subject.make();
    await withAmbient(async (ambient) => {
      const calls = subject.calls.watchedBy(ambient);
      const prepared = await subject.prepare(task, { calls });
      calls.now('batches and evaluation', () => {
        const batches = prepared.batches(subject.shape, createRandomStream(7, 'data-order'));
        batches.next();
        for (const split of SPLITS) evaluationOf(prepared, split, subject.shape);
      });
      const batch = prepared.batches(subject.shape, createRandomStream(7, 'data-order')).next();
      const numbers = subject.projection(prepared, batch);
      subject.loss(task, batch, numbers, calls);
      subject.score(task, batch, numbers, calls);
      const note = ambient.notes.find((one) => one.source === source);
      if (note) broken(`it called ${note.call} at ${note.place}`);
    });
  };

export const dataRules: readonly TaskRule[] = [
  {
    id: PLAYS_THROUGH,
    must: 'data is read, cut into batches and evaluation sets, and scored without an error',
    why: 'A run stops at the first error',
    mend: 'Handle what the options allow; give the check `dataset` and `tokenizer` where a small English text will not do',
    check: everything,
  },
  {
    id: ANSWERS,
    must: 'prepare and open are answered in time',
    why: 'A promise that is never settled holds up the run for ever, and nothing says why',
    mend: 'Settle every promise, also when reading fails',
    check: everything,
  },
  prepares,
  batchesForm,
  deterministic,
  resumes,
  restoreRefuses,
  evaluationComplete,
  digestsChange,
  savedJson,
  savedOpens,
  savedRefuses,
  {
    id: 'no-math-random',
    must: 'it does not use Math.random or another unseeded source of chance',
    why: 'Two runs of one seed would see other batches',
    mend: 'Draw from the stream that `batches` is given',
    check: takesNo('chance'),
  },
  {
    id: 'no-clock',
    must: 'it does not read the clock',
    why: 'Data that depend on the time differ from run to run',
    mend: 'Leave time out of what is made',
    check: takesNo('clock'),
  },
];

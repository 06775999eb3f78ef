/** What a kind of source of weights promises: named arrays, the same again, and a sentence where there is nothing. */
import { assertTieMap } from '@ligature/core';
import type { Plugin, WeightsContext, WeightSource } from '@ligature/core';
import { emptyFolder, digestsBelow } from '../dataset/subject.js';
import { assertFunctions, entryRules } from '../entry/entry-rules.js';
import { withAmbient } from '../harness/ambient.js';
import { ANSWERS, PLAYS_THROUGH, type Calls } from '../harness/calls.js';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show, showError } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';
import { createSuite } from '../harness/suite.js';

export interface CheckWeightsOptions extends CheckOptions {
  /** Relative paths in options are resolved against it; an empty one if left out. */
  readonly folder?: string;
  /** Options that name what is not there. Without them the rule about it is left out. */
  readonly missing?: Readonly<Record<string, unknown>>;
  /** The folder of what a study keeps under a key, for sources that read from there. */
  readonly stored?: (key: string) => string;
}

interface WeightsSubject extends Subject<'weights'> {
  readonly missing: CheckWeightsOptions['missing'];
  inFolder<T>(check: (folder: string) => Promise<T>): Promise<T>;
  contextIn(folder: string): WeightsContext;
  open(folder: string, calls?: Calls, options?: unknown): Promise<WeightSource>;
}

function weightsSubject(plugin: Plugin, name: string, options: CheckWeightsOptions = {}): WeightsSubject {
  const subject = subjectOf('weights', plugin, name, options);
  const { stored } = options;
  const contextIn = (folder: string): WeightsContext => ({ folder, ...(stored && { stored }) });
  return {
    ...subject,
    missing: options.missing,
    contextIn,
    inFolder: async (check) => check(options.folder ?? (await emptyFolder())),
    async open(folder, calls = subject.calls, chosen) {
      const made = await subject.create(contextIn(folder), calls, chosen);
      assertFunctions(made, 'source', ['open']);
      return calls.wait('open', () => made.open());
    },
  };
}

const opens = ({ inFolder, open }: WeightsSubject): Promise<void> =>
  inFolder(async (folder) => void (await open(folder)));

const creates: RuleSpec<WeightsSubject> = {
  id: 'creates',
  must: 'create gives something to open',
  why: 'Every run that starts from it makes one before its first step',
  mend: 'Return { open }',
  check: ({ inFolder, create, contextIn }) =>
    inFolder(async (folder) => assertFunctions(await create(contextIn(folder)), 'source', ['open'])),
};

const weightsForm: RuleSpec<WeightsSubject> = {
  id: 'weights-form',
  must: 'open gives named arrays with as many finite numbers as their shapes say, text about them, and where they came from',
  why: 'The registry takes them by name and shape; the manifest of the run says where its weights began',
  mend: 'Return { weights: { tensors, metadata }, origin } with row-major data; tie maps are JSON in the metadata',
  check: ({ inFolder, open }) =>
    inFolder(async (folder) => {
      const source = await open(folder);
      const { weights, digests = {}, origin } = (source ?? {}) as Partial<WeightSource>;
      if (!(weights?.tensors instanceof Map))
        return broken(`open gave the tensors ${show(weights?.tensors)}`);
      if (weights.tensors.size === 0) broken('there is no tensor');
      for (const [name, tensor] of weights.tensors as WeightSource['weights']['tensors'])
        assertArray(name, tensor);
      for (const [what, texts] of Object.entries({ metadata: weights.metadata, digests })) {
        const bad = Object.entries(texts ?? { '': undefined }).find(([, text]) => typeof text !== 'string');
        if (bad) broken(`${what} has ${show(bad[1])} under "${bad[0]}"`);
      }
      assertMaps(weights.metadata);
      const found = difference(origin, JSON.parse(JSON.stringify(origin ?? null)), [
        'as given',
        'after JSON',
      ]);
      if (found !== undefined || typeof origin !== 'object') broken(`its origin is ${show(origin)}`);
    }),
};

function assertArray(name: unknown, tensor: { shape: readonly number[]; data: ArrayLike<number> }): void {
  if (typeof name !== 'string' || name === '') broken(`a tensor has the name ${show(name)}`);
  const { shape, data } = tensor;
  const whole = Array.isArray(shape) && shape.every((length) => Number.isInteger(length) && length >= 0);
  if (!whole) broken(`the shape of "${String(name)}" is ${show(shape)}`);
  const size = shape.reduce((product, length) => product * length, 1);
  if (data?.length !== size)
    broken(`"${String(name)}" of [${shape.join(', ')}] has ${show(data?.length)} numbers`);
  const bad = Array.from(data).find((value) => !Number.isFinite(value));
  if (bad !== undefined) broken(`"${String(name)}" holds ${show(bad)}`);
}

function assertMaps({ tieMap, tieMaps }: Readonly<Record<string, string>>): void {
  const maps = [
    ...(tieMap === undefined ? [] : [tieMap]),
    ...(tieMaps === undefined
      ? []
      : Object.values(parsed(tieMaps) as object).map((map) => JSON.stringify(map))),
  ];
  for (const text of maps) {
    const map = parsed(text);
    if (!Array.isArray(map)) broken(`a tie map in the metadata is ${show(text)}`);
    try {
      assertTieMap(map as number[], (map as number[]).length);
    } catch (error) {
      broken(`a tie map in the metadata is none: ${showError(error)}`);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return broken(`a tie map in the metadata is ${show(text)}`);
  }
}

const deterministic: RuleSpec<WeightsSubject> = {
  id: 'deterministic',
  must: 'opened again, also by another instance, it gives the same',
  why: 'Trials of a study start from the same weights, or they cannot be compared',
  mend: 'Read what is there; draw nothing',
  check: ({ inFolder, open }) =>
    inFolder(async (folder) => {
      const plain = async (): Promise<unknown> => {
        const { weights, ...rest } = await open(folder);
        const tensors = [...weights.tensors].map(([name, { shape, data }]) => ({
          name,
          shape,
          data: Array.from(data),
        }));
        return { ...rest, metadata: weights.metadata, tensors };
      };
      const found = difference(await plain(), await plain(), ['at first', 'opened again']);
      if (found !== undefined) broken(found);
    }),
};

const missingRefused: RuleSpec<WeightsSubject> = {
  id: 'missing-refused',
  must: 'what is not there is refused with an InputError, by create or by open',
  why: 'A misspelt path is the commonest mistake; it must end in a sentence that helps, not in a stack trace or a run from chance',
  mend: 'Throw an InputError that names the path as the user wrote it',
  check: ({ inFolder, open, parsed: options, missing, calls }) =>
    inFolder(async (folder) => {
      if (!missing) return notApplicable('the check was not told of options that name nothing: `missing`');
      try {
        await open(folder, calls, options(missing));
      } catch (error) {
        const cause: unknown = error instanceof Finding ? error.cause : error;
        // It has no function to call: the business of another rule.
        if (cause === undefined) throw error;
        if (isRefusal(cause)) return;
        broken(`it ended in ${showError(cause)}`);
      }
      broken('it gave weights');
    }),
};

const readsOnly: RuleSpec<WeightsSubject> = {
  id: 'reads-only',
  must: 'nothing in the folder is changed, made or removed',
  why: 'Weights belong to another run, or to the user',
  mend: 'Open files for reading alone',
  check: ({ inFolder, open }) =>
    inFolder(async (folder) => {
      const before = await digestsBelow(folder);
      await open(folder);
      const found = difference(before, await digestsBelow(folder), ['before', 'after']);
      if (found !== undefined) broken(`the file ${found}`);
    }),
};

const noMathRandom: RuleSpec<WeightsSubject> = {
  id: 'no-math-random',
  must: 'it does not use Math.random or another unseeded source of chance',
  why: 'Weights that are drawn there differ from run to run',
  mend: 'Leave what has no weights to the initializers of the model',
  check: ({ inFolder, open, calls }) =>
    withAmbient((ambient) =>
      inFolder(async (folder) => {
        await open(folder, calls.watchedBy(ambient));
        const note = ambient.notes.find(({ source }) => source === 'chance');
        if (note) broken(`it called ${note.call} at ${note.place}`);
      }),
    ),
};

const specs: readonly RuleSpec<WeightsSubject>[] = [
  ...entryRules<WeightsSubject>(),
  creates,
  {
    id: PLAYS_THROUGH,
    must: 'what is there can be opened without an error',
    why: 'A run opens it before its first step',
    mend: 'Handle what the options allow; the error above says which call failed',
    check: opens,
  },
  {
    id: ANSWERS,
    must: 'open is answered in time',
    why: 'A promise that is never settled holds up the run for ever, and nothing says why',
    mend: 'Settle every promise, also when reading fails',
    check: opens,
  },
  weightsForm,
  deterministic,
  missingRefused,
  readsOnly,
  noMathRandom,
];

export const weightsSuite = createSuite('weights', specs, weightsSubject);

/** What a tokenizer promises of texts and ids. */
import type { Tokenizer } from '@ligature/core';
import { withAmbient, type Source } from '../harness/ambient.js';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show, showError } from '../harness/show.js';
import { wellFormed } from './corpus.js';
import type { TokenizerSubject } from './subject.js';

/** Encodes and decodes every sample. */
async function throughEverything({ shared, samples, encode, decode }: TokenizerSubject): Promise<void> {
  const tokenizer = await shared();
  for (const sample of samples) decode(tokenizer, encode(tokenizer, sample), sample.name);
}

const playsThrough: RuleSpec<TokenizerSubject> = {
  id: 'plays-through',
  must: 'any text can be encoded, and its ids decoded',
  why: 'Texts from the world hold every one of these; a run that stops at an emoji stops after hours',
  mend: 'Handle broken Unicode (a lone surrogate becomes U+FFFD), control characters, names such as __proto__ and long words',
  check: throughEverything,
};

const encodes: RuleSpec<TokenizerSubject> = {
  id: 'encodes',
  must: 'encode gives an Int32Array; the empty text has no ids',
  why: 'Ids are cut into batches and handed to a backend as int32, millions of them',
  mend: 'Return Int32Array.from(ids), and add no token of your own',
  check: async (subject) => {
    await throughEverything(subject);
    const ids = subject.encode(await subject.shared(), { name: 'the empty text', text: '' });
    if (ids.length > 0) broken(`the empty text gave the ids ${show(ids)}`);
  },
};

const decodes: RuleSpec<TokenizerSubject> = {
  id: 'decodes',
  must: 'decode takes any list of ids, typed or plain, and gives a text; no ids give the empty text',
  why: 'Ids come from batches, from files and from sampling, as lists of different kinds',
  mend: 'Read ids by index and length only',
  check: async ({ shared, samples, encode, decode }) => {
    const tokenizer = await shared();
    if (decode(tokenizer, [], 'no ids') !== '')
      broken(`no ids gave ${show(decode(tokenizer, [], 'no ids'))}`);
    for (const sample of samples) {
      const ids = encode(tokenizer, sample);
      const text = decode(tokenizer, ids, sample.name);
      for (const list of [
        Array.from(ids),
        Float64Array.from(ids),
        { ...Array.from(ids), length: ids.length },
      ]) {
        const found = difference(text, decode(tokenizer, list, sample.name), [
          'from an Int32Array',
          'from another list',
        ]);
        if (found !== undefined) broken(`${sample.name}: ${found}`);
      }
    }
  },
};

const idsInRange: RuleSpec<TokenizerSubject> = {
  id: 'ids-in-range',
  must: 'every id, those of bosId, eosId and maskId too, is a whole number from 0 to vocabularySize - 1',
  why: 'An id beyond the vocabulary reads past the embedding table: an error on one backend, garbage on another',
  mend: 'Let vocabularySize count every token, special ones too',
  check: async ({ shared, samples, encode }) => {
    const tokenizer = await shared();
    const { vocabularySize, bosId, eosId, maskId } = tokenizer;
    if (!Number.isInteger(vocabularySize) || vocabularySize < 1)
      broken(`vocabularySize is ${show(vocabularySize)}`);
    const inRange = (id: unknown): boolean =>
      Number.isInteger(id) && (id as number) >= 0 && (id as number) < vocabularySize;
    for (const [which, id] of Object.entries({ bosId, eosId, maskId })) {
      if (id !== undefined && !inRange(id))
        broken(`${which} is ${show(id)} in a vocabulary of ${vocabularySize}`);
    }
    for (const sample of samples) {
      const wrong = encode(tokenizer, sample).find((id) => !inRange(id));
      if (wrong !== undefined)
        broken(`${sample.name} has the id ${wrong} in a vocabulary of ${vocabularySize}`);
    }
    if (tokenizer.vocabularySize !== vocabularySize) {
      broken(`encoding changed vocabularySize from ${vocabularySize} to ${tokenizer.vocabularySize}`);
    }
  },
};

const unknownRefused: RuleSpec<TokenizerSubject> = {
  id: 'unknown-ids-refused',
  must: 'decode refuses an id that the vocabulary has not, with an error of @ligature/core',
  why: 'Ids of another tokenizer, decoded to nothing or to any text, hide that the wrong one is in use',
  mend: 'Throw a ContractError that names the id',
  check: async ({ shared }) => {
    const tokenizer = await shared();
    for (const id of [tokenizer.vocabularySize, -1, 0.5, Number.NaN, 2 ** 31]) {
      try {
        broken(`the id ${id} was decoded to ${show(tokenizer.decode([id]))}`);
      } catch (error) {
        if (error instanceof Finding) throw error;
        if (!isRefusal(error)) broken(`the id ${id} ended in ${showError(error)}`);
      }
    }
  },
};

const roundTrip: RuleSpec<TokenizerSubject> = {
  id: 'round-trip',
  must: 'decode gives back the text that encode was given, lone surrogates aside',
  why: 'A model can only learn what the ids hold; a lost space or accent is lost for good',
  mend: 'Keep every character, or say in the check that the tokenizer is not meant to: { lossless: false }',
  check: async ({ lossless, shared, samples, encode, decode }) => {
    if (!lossless) notApplicable('the check says that it is not lossless');
    const tokenizer = await shared();
    for (const sample of samples) {
      const text = decode(tokenizer, encode(tokenizer, sample), sample.name);
      const found = difference(wellFormed(sample.text), text, ['as it was given', 'as it came back']);
      if (found !== undefined) broken(`${sample.name}: ${found}`);
    }
  },
};

const normalForm: RuleSpec<TokenizerSubject> = {
  id: 'normal-form',
  must: 'the text that ids decode to encodes to the same ids again',
  why: 'Text that a model wrote is read again as its next prompt: it must mean to the model what it wrote',
  mend: 'Let decode write what encode reads: separators, unknown words and line ends alike',
  check: async ({ shared, samples, encode, decode }) => {
    const tokenizer = await shared();
    for (const sample of samples) {
      const ids = encode(tokenizer, sample);
      const again = encode(tokenizer, { ...sample, text: decode(tokenizer, ids, sample.name) });
      const found = difference(ids, again, ['at first', 'after decoding']);
      if (found !== undefined) broken(`${sample.name}, id ${found}`);
    }
  },
};

const byteLength: RuleSpec<TokenizerSubject> = {
  id: 'byte-length',
  must: 'byteLength, where there is one, counts exactly the UTF-8 bytes behind the ids',
  why: 'Bits per byte, which alone compares tokenizers, is divided by it',
  mend: 'Add up the bytes of each token, or leave byteLength out',
  check: async ({ shared, samples, encode, decode, calls }) => {
    const tokenizer = await shared();
    if (!tokenizer.byteLength) notApplicable('it has no byteLength');
    const count = (ids: ArrayLike<number>, of: string): number =>
      calls.now(`byteLength of ${of}`, () => tokenizer.byteLength!(ids));
    for (const sample of samples) {
      const ids = encode(tokenizer, sample);
      const bytes = Buffer.byteLength(decode(tokenizer, ids, sample.name));
      const counted = count(ids, sample.name);
      if (counted !== bytes) broken(`${sample.name} has ${bytes} bytes, and byteLength says ${counted}`);
      // A character may lie across two tokens, so that their texts cannot be counted one by one; their bytes can.
      const sum = Array.from(ids).reduce((total, id) => total + count([id], `an id of ${sample.name}`), 0);
      if (sum !== counted)
        broken(`the ids of ${sample.name} have ${sum} bytes one by one, ${counted} together`);
    }
  },
};

const resultsDetached: RuleSpec<TokenizerSubject> = {
  id: 'results-detached',
  must: 'what encode returned belongs to the caller, and what decode was given stays as it was',
  why: 'Ids are shuffled and cut in place; a cache that shares its arrays would return what somebody made of them',
  mend: 'Copy cached ids: cached.slice()',
  check: async ({ make, samples, encode, decode }) => {
    // Not the shared one: its cache, if it has one, is about to be spoilt.
    const tokenizer = await make();
    for (const sample of samples) {
      const ids = encode(tokenizer, sample);
      const copy = ids.slice();
      decode(tokenizer, ids, sample.name);
      const changed = difference(copy, ids, ['before', 'after']);
      if (changed !== undefined) broken(`decode changed the ids of ${sample.name}: ${changed}`);
      ids.fill(0);
      const found = difference(copy, encode(tokenizer, sample), [
        'at first',
        'after the caller changed its ids',
      ]);
      if (found !== undefined) broken(`${sample.name}, id ${found}`);
    }
  },
};

const deterministic: RuleSpec<TokenizerSubject> = {
  id: 'deterministic',
  must: 'the same text gives the same ids: again, in another order, and from another instance that learnt from the same text',
  why: 'The ids of a text are cached and compared between runs; equal settings must mean equal data',
  mend: 'Keep no state between calls (a /g expression keeps lastIndex), and break ties in a fixed order while learning',
  check: async ({ shared, make, samples, encode }) => {
    const tokenizer = await shared();
    const first = samples.map((sample) => encode(tokenizer, sample));
    const twice = samples.map((sample) => (encode(tokenizer, sample), encode(tokenizer, sample)));
    const backwards = [...samples]
      .reverse()
      .map((sample) => encode(tokenizer, sample))
      .reverse();
    const other = await make();
    samples.forEach((sample, index) => {
      const found =
        difference(first[index], twice[index], ['at first', 'twice in a row']) ??
        difference(first[index], backwards[index], ['at first', 'later']) ??
        difference(first[index], encode(other, sample), ['from one instance', 'from another']);
      if (found !== undefined) broken(`${sample.name}, id ${found}`);
    });
    const sizes = [tokenizer.vocabularySize, other.vocabularySize];
    if (sizes[0] !== sizes[1]) broken(`two instances have vocabularies of ${sizes[0]} and ${sizes[1]}`);
  },
};

const takesNo =
  (source: Source) =>
  async ({ make, samples, encode, decode, calls }: TokenizerSubject): Promise<void> => {
    await withAmbient(async (ambient) => {
      const watched = calls.watchedBy(ambient);
      const tokenizer: Tokenizer = await make({ calls: watched });
      for (const sample of samples) {
        decode(tokenizer, encode(tokenizer, sample, watched), sample.name, watched);
      }
      watched.now('toJSON', () => tokenizer.toJSON());
      const note = ambient.notes.find((one) => one.source === source);
      if (note) broken(`it called ${note.call} at ${note.place}`);
    });
  };

const noMathRandom: RuleSpec<TokenizerSubject> = {
  id: 'no-math-random',
  must: 'it does not use Math.random or another unseeded source of chance',
  why: 'Two runs of one seed would read different data',
  mend: 'Derive what is needed from the text',
  check: takesNo('chance'),
};

const noClock: RuleSpec<TokenizerSubject> = {
  id: 'no-clock',
  must: 'it does not read the clock',
  why: 'Ids that depend on the time differ from run to run',
  mend: 'Bound work by counts instead of time',
  check: takesNo('clock'),
};

export const textRules: readonly RuleSpec<TokenizerSubject>[] = [
  playsThrough,
  encodes,
  decodes,
  idsInRange,
  unknownRefused,
  roundTrip,
  normalForm,
  byteLength,
  resultsDetached,
  deterministic,
  noMathRandom,
  noClock,
];

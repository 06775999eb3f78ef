/** A tokenizer is saved with every model: what it says of itself must build it again. */
import type { Json } from '@ligature/core';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show, showError } from '../harness/show.js';
import type { TokenizerSubject } from './subject.js';

const savedJson: RuleSpec<TokenizerSubject> = {
  id: 'saved-json',
  must: 'toJSON gives JSON',
  why: 'It is written into model.json beside the weights; what JSON cannot hold is lost there',
  mend: 'Return plain lists and objects, or null if the options say everything',
  check: async (subject) => {
    const saved: unknown = await jsonOf(subject);
    let copy: unknown;
    try {
      copy = JSON.parse(JSON.stringify(saved)) as unknown;
    } catch (error) {
      broken(`it cannot be written: ${showError(error)}`);
    }
    const found = difference(saved, copy, ['in memory', 'after JSON']);
    if (found !== undefined) broken(found);
  },
};

const savedRestores: RuleSpec<TokenizerSubject> = {
  id: 'saved-restores',
  must: 'create with what toJSON gave builds the same tokenizer: name, sizes, ids and texts',
  why: 'A saved model is opened with it: other ids would make its weights worthless',
  mend: 'Save the vocabulary, the merges and every option that changes ids',
  check: async (subject) => {
    const { make, shared, samples, encode, decode } = subject;
    const tokenizer = await shared();
    const again = await make({ saved: await copyOf(subject) });
    for (const property of ['name', 'vocabularySize', 'bosId', 'eosId', 'maskId'] as const) {
      const found = difference(tokenizer[property], again[property], ['when saved', 'when restored']);
      if (found !== undefined) broken(`${property}: ${found}`);
    }
    const savedTwice = difference(await jsonOf(subject), again.toJSON(), ['when saved', 'when restored']);
    if (savedTwice !== undefined) broken(`toJSON: ${savedTwice}`);
    for (const sample of samples) {
      const ids = encode(tokenizer, sample);
      const found =
        difference(ids, encode(again, sample), ['when saved', 'when restored']) ??
        difference(decode(tokenizer, ids, sample.name), decode(again, ids, sample.name), [
          'saved',
          'restored',
        ]);
      if (found !== undefined) broken(`${sample.name}: ${found}`);
    }
  },
};

const savedLearnsNothing: RuleSpec<TokenizerSubject> = {
  id: 'saved-learns-nothing',
  must: 'create with what toJSON gave does not ask for the training text',
  why: 'A model is used where its training text is not: the question could not be answered',
  mend: 'Look at context.saved first, and call context.trainingText only without it',
  check: async (subject) => {
    const saved = await copyOf(subject);
    if (saved === null) notApplicable('it has nothing to save');
    let asked = false;
    await subject.make({ saved, onTrainingText: () => (asked = true) });
    if (asked) broken('it called context.trainingText');
  },
};

const FOREIGN: readonly Json[] = [{ 'no such': 'tokenizer' }, 'a text', 42, [1, 2, 3], null];

const savedRefuses: RuleSpec<TokenizerSubject> = {
  id: 'saved-refuses',
  must: 'a saved tokenizer that is none of its own is refused with an InputError or ContractError of @ligature/core',
  why: 'A model folder comes from anywhere; one that is damaged or of another tokenizer must not be opened as if it were right',
  mend: 'Check context.saved, with a zod schema for instance, and throw an InputError that says what was found',
  check: async (subject) => {
    if ((await copyOf(subject)) === null) notApplicable('it has nothing to save');
    for (const saved of FOREIGN) {
      try {
        await subject.make({ saved });
      } catch (error) {
        const cause: unknown = error instanceof Finding ? error.cause : error;
        if (isRefusal(cause)) continue;
        broken(`given ${show(saved)}, create threw ${showError(cause ?? error)}`);
      }
      broken(`create took ${show(saved)} without a word`);
    }
  },
};

async function jsonOf({ shared, calls }: TokenizerSubject): Promise<Json> {
  const tokenizer = await shared();
  return calls.now('toJSON', () => tokenizer.toJSON());
}

const copyOf = async (subject: TokenizerSubject): Promise<Json> => {
  const text = JSON.stringify(await jsonOf(subject)) as string | undefined;
  if (text === undefined) throw new Finding('toJSON gave nothing', 'saved-json');
  return JSON.parse(text) as Json;
};

export const savedRules: readonly RuleSpec<TokenizerSubject>[] = [
  savedJson,
  savedRestores,
  savedLearnsNothing,
  savedRefuses,
];

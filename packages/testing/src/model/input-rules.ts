/** What a model looks at: its inputs, no later ones, no other rows, none beyond its context. */
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { showError } from '../harness/show.js';
import { changedAt, hasPositions, positionsOf, rowOf } from './batches.js';
import type { ModelSubject } from './subject.js';

/** More than float32 sums of equal numbers in another order can differ by. */
const ROUNDING = 1e-4;

const causal: RuleSpec<ModelSubject> = {
  id: 'causal',
  must: 'of a model with a causal-lm head, a later input changes nothing at the positions before it',
  why: 'A model that sees the token that it is to predict has a loss near zero and has learnt nothing',
  mend: 'Mask the scores of later positions before the softmax',
  check: async (subject) => {
    await withChangedInputs(subject, (t, distances, looksBack) => {
      if (!looksBack) return notApplicable('it has no causal-lm head');
      const seen = distances.findIndex((distance, position) => position < t && distance > ROUNDING);
      if (seen >= 0)
        broken(`with another input ${t}, the state of position ${seen} changes by ${distances[seen]}`);
    });
  },
};

const readsInputs: RuleSpec<ModelSubject> = {
  id: 'reads-inputs',
  must: 'another input gives other states, of a model with a causal-lm head at its own position',
  why: 'A model that does not look at its inputs can only learn how often each label occurs',
  mend: 'Look the embedding up by the ids that are given, and use every field that the batches of the check have',
  check: async (subject) => {
    await withChangedInputs(subject, (t, distances, looksBack) => {
      const felt = looksBack ? distances[t]! : Math.max(...distances);
      if (!(felt > ROUNDING))
        broken(`with another input ${t}, ${looksBack ? 'its state stays' : 'all states stay'} the same`);
    });
  },
};

/** Changes each position of a row in turn, or the whole row, and hands over how far each state moved. */
async function withChangedInputs(
  { withModel, fields, states, timeOf }: ModelSubject,
  look: (changed: number, distances: readonly number[], looksBack: boolean) => void,
): Promise<void> {
  await withModel((model, weights) => {
    const time = model.context ?? timeOf(model);
    const looksBack = Object.hasOwn(model.heads, 'causal-lm');
    const [given, others] = [fields({ rows: 1, time }), fields({ rows: 1, time, seed: 2 })];
    const before = states(model, weights.view(), given);
    if (!hasPositions(given, time)) {
      const after = states(model, weights.view(), others);
      return look(0, distancesOf(before.values, after.values, before.time), false);
    }
    let changes = 0;
    for (let t = 0; t < time; t += 1) {
      const mixed = changedAt(given, others, time, t);
      if (!mixed) continue;
      changes += 1;
      const after = states(model, weights.view(), mixed);
      look(t, distancesOf(before.values, after.values, before.time), looksBack);
    }
    return changes > 0 ? undefined : broken('batches of two seeds are the same: `batch` draws nothing');
  });
}

/** The largest change of a value in each of `rows` rows. */
function distancesOf(one: ArrayLike<number>, other: ArrayLike<number>, rows: number): number[] {
  const width = one.length / rows;
  const distances = new Array<number>(rows).fill(0);
  for (let index = 0; index < one.length; index += 1) {
    const row = Math.floor(index / width);
    distances[row] = Math.max(distances[row]!, Math.abs(one[index]! - other[index]!));
  }
  return distances;
}

const rowsIndependent: RuleSpec<ModelSubject> = {
  id: 'rows-independent',
  must: 'the rows of a batch do not touch each other, in no head either',
  why: 'Losses must not depend on which sequences happen to lie side by side',
  mend: 'Normalize and mix within a row only',
  check: async ({ withHeads, fields, outputs, timeOf }) => {
    await withHeads((whole) => {
      const { weights, model } = whole;
      const all = fields({ rows: 3, time: timeOf(model) });
      const together = outputs(whole, weights.view(), all).values;
      for (let row = 0; row < 3; row += 1) {
        const alone = outputs(whole, weights.view(), rowOf(all, row)).values;
        const part = together.subarray(row * alone.length, (row + 1) * alone.length);
        const [distance = 0] = distancesOf(alone, part, 1);
        if (distance > ROUNDING) broken(`beside others, an output of row ${row} changes by ${distance}`);
      }
    });
  },
};

const contextKept: RuleSpec<ModelSubject> = {
  id: 'context-kept',
  must: 'more positions than the context has are refused with an InputError or ContractError, or computed right',
  why: 'Beyond learned positions a lookup reads nothing or somewhere else, and the states look like any others',
  mend: 'Compare the length of the inputs with the context first, and throw an InputError',
  check: async ({ withModel, fields, states }) => {
    await withModel((model, weights) => {
      const { context } = model;
      if (context === undefined) return notApplicable('it reads sequences of any length');
      const given = fields({ rows: 1, time: context + 1 });
      if (!hasPositions(given, context + 1)) return notApplicable('its inputs have no positions');
      const looksBack = Object.hasOwn(model.heads, 'causal-lm');
      const fitting = positionsOf(given, context + 1, context);
      const expected = states(model, weights.view(), fitting).values;
      let found: Float32Array;
      try {
        found = states(model, weights.view(), given).values;
      } catch (error) {
        const cause: unknown = error instanceof Finding ? (error.cause ?? error) : error;
        if (isRefusal(cause)) return;
        return broken(`${context + 1} positions in a context of ${context} end in ${showError(cause)}`);
      }
      if (!looksBack) return broken(`${context + 1} positions in a context of ${context} are taken`);
      const [distance = 0] = distancesOf(expected, found.subarray(0, expected.length), 1);
      if (distance > ROUNDING) broken(`one position too many changes the states before it by ${distance}`);
    });
  },
};

const fieldsRefused: RuleSpec<ModelSubject> = {
  id: 'fields-refused',
  must: 'a batch without the fields that it reads is refused with an InputError or ContractError',
  why: 'Any task can be put before any model; who joins two that do not fit must be told so, not shown a stack trace',
  mend: 'Throw an InputError that names the field and those that the batch has',
  check: async ({ withModel, calls }) => {
    await withModel((model, weights) => {
      try {
        calls.now('encode', () => model.encode(weights.view(), {}, { training: false }).rows.dispose());
      } catch (error) {
        const cause: unknown = error instanceof Finding ? error.cause : error;
        if (isRefusal(cause)) return;
        broken(`without any field, encode threw ${showError(cause)}`);
      }
      broken('without any field, encode gave states');
    });
  },
};

export const inputRules: readonly RuleSpec<ModelSubject>[] = [
  causal,
  readsInputs,
  rowsIndependent,
  contextKept,
  fieldsRefused,
];

/** The forward pass: a pure function of weights and tokens that looks at nothing later and nothing beside. */
import { engine } from '@tensorflow/tfjs-core';
import { withAmbient } from '../harness/ambient.js';
import { broken, Finding } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, showError } from '../harness/show.js';
import { EVALUATING, inputsOf, labelsOf, type Ids, type ModelSubject } from './subject.js';
import { WeightSet } from './weights.js';

const playsThrough: RuleSpec<ModelSubject> = {
  id: 'plays-through',
  must: 'logits and loss are computed for one token and for as many as the context has, for one layer and for 48',
  why: 'Runs have stacks of any depth, evaluation ends with short rows, and generation begins with one token',
  mend: 'Let every shape follow from the inputs, layers and context',
  check: async (subject) => {
    const { withWeights, ids, logits, loss } = subject;
    for (const layers of [2, 1, 48]) {
      await withWeights(
        (model, weights) => {
          for (const [batch, time] of [
            [1, 1],
            [3, 1],
            [1, model.context],
            [2, 3],
          ] as const) {
            const tokens = ids(model, { batch, time: Math.min(time, model.context) });
            logits(model, weights.view(), tokens);
            loss(model, weights.view(), tokens);
          }
        },
        { over: { layers }, values: 'initial' },
      );
    }
  },
};

const logitsForm: RuleSpec<ModelSubject> = {
  id: 'logits-form',
  must: 'logits are [batch, time, vocabulary] float32 and finite',
  why: 'Scoring and generation index them by these three',
  mend: 'Reshape at the end; keep the numbers finite at the initial weights',
  check: playsThrough.check,
};

const readsDeclared: RuleSpec<ModelSubject> = {
  id: 'reads-what-it-declares',
  must: 'logits and loss read every declared parameter of every layer, and no other',
  why: 'A weight that is declared and not read is stored, counted and saved for nothing; one that is read and not declared does not exist',
  mend: 'Let parameters and the forward pass name the same weights; ask view.block(layer, name) with the number of the layer itself',
  check: async ({ withWeights, ids, logits, loss }) => {
    await withWeights(
      (model, weights) => {
        for (const pass of [logits, loss]) {
          weights.read.clear();
          pass(model, weights.view(), ids(model));
          const unread = weights.weights.find(({ name }) => !weights.read.has(name));
          if (unread) broken(`${pass === loss ? 'loss' : 'logits'} never reads "${unread.name}"`);
        }
      },
      { over: { layers: 3 } },
    );
  },
};

const pure: RuleSpec<ModelSubject> = {
  id: 'pure',
  must: 'the same weights and tokens give the same logits to the last bit, whatever was computed between',
  why: 'A registry changes weights and ties under the model; one that remembers would go on with what is no more',
  mend: 'Keep nothing between calls: no cache of weights, shapes or masks by layer',
  check: async (subject) => {
    const { withWeights, ids, logits, loss, make } = subject;
    await withWeights(async (model, weights) => {
      const [tokens, short] = [ids(model), ids(model, { batch: 1, time: 1, seed: 5 })];
      const others = new WeightSet(model, 99, 'spread');
      try {
        const first = logits(model, weights.view(), tokens);
        const second = logits(model, others.view(), short);
        loss(model, others.view(), ids(model, { batch: 3, seed: 6 }), { training: true });
        assertSame(first, logits(model, weights.view(), tokens), ['at first', 'later']);
        // One that has computed with other weights before may remember those.
        const fresh = [await make(), await make()] as const;
        const words = ['after others', 'from a fresh instance'] as const;
        assertSame(second, logits(fresh[0], others.view(), short), words);
        assertSame(first, logits(fresh[1], weights.view(), tokens), words);
      } finally {
        others.dispose();
      }
    });
  },
};

const weightsUntouched: RuleSpec<ModelSubject> = {
  id: 'weights-untouched',
  must: 'weights and tokens are neither changed nor disposed',
  why: 'They belong to the registry, and tied layers share them',
  mend: 'Use tf.tidy for what the model makes, and dispose nothing that came from the view',
  check: async ({ withWeights, ids, calls }) => {
    await withWeights((model, weights) => {
      const before = weights.values();
      const tokens = ids(model);
      const given = [inputsOf(tokens), labelsOf(tokens)] as const;
      calls.now('logits', () => model.logits(weights.view(), given[0], EVALUATING).dispose());
      calls.now('loss', () => model.loss(weights.view(), ...given, { training: true }).dispose());
      const gone = weights.weights.find((_, index) => weights.tensors[index]!.isDisposed);
      if (gone) broken(`the weight "${gone.name}" is disposed`);
      if (given.some((tensor) => tensor.isDisposed)) broken('the tokens are disposed');
      assertSame(tokens.inputs, given[0].dataSync(), ['given', 'afterwards']);
      given.forEach((tensor) => tensor.dispose());
      weights.values().forEach((values, index) => {
        const found = difference(before[index], values, ['before', 'after']);
        if (found !== undefined) broken(`the weight "${weights.weights[index]!.name}", value ${found}`);
      });
    });
  },
};

const causal: RuleSpec<ModelSubject> = {
  id: 'causal',
  must: 'a later token changes nothing at the positions before it',
  why: 'A model that sees the token that it is to predict has a loss near zero and has learnt nothing',
  mend: 'Mask the scores of later positions before the softmax',
  check: async (subject) => {
    await withChangedTokens(subject, (t, distances) => {
      const seen = distances.findIndex((distance, position) => position < t && distance > ROUNDING);
      if (seen >= 0)
        broken(`with another token ${t}, the logits at position ${seen} change by ${distances[seen]}`);
    });
  },
};

const readsTokens: RuleSpec<ModelSubject> = {
  id: 'reads-tokens',
  must: 'another token gives other logits at its position',
  why: 'A model that does not look at its inputs can only learn how often each token occurs',
  mend: 'Look the embedding up by the ids that are given',
  check: async (subject) => {
    await withChangedTokens(subject, (t, distances) => {
      if (distances[t]! <= ROUNDING)
        broken(`with another token ${t}, the logits at its position stay the same`);
    });
  },
};

/** More than float32 sums of equal numbers in another order can differ by. */
const ROUNDING = 1e-4;

/** Changes each token of a row in turn, and hands over how far the logits of each position moved. */
async function withChangedTokens(
  { withWeights, ids, logits, vocabularySize }: ModelSubject,
  look: (changed: number, distances: readonly number[]) => void,
): Promise<void> {
  await withWeights((model, weights) => {
    const tokens = ids(model, { batch: 1, time: model.context });
    const before = logits(model, weights.view(), tokens);
    for (let t = 0; t < tokens.time; t += 1) {
      const inputs = tokens.inputs.slice();
      inputs[t] = (inputs[t]! + 1) % vocabularySize;
      const after = logits(model, weights.view(), { ...tokens, inputs });
      look(t, distancesOf(before, after, tokens.time));
    }
  });
}

/** The largest change of a logit in each of `rows` rows. */
function distancesOf(one: Float32Array, other: Float32Array, rows: number): number[] {
  const width = one.length / rows;
  const distances = new Array<number>(rows).fill(0);
  one.forEach((value, index) => {
    const row = Math.floor(index / width);
    distances[row] = Math.max(distances[row]!, Math.abs(value - other[index]!));
  });
  return distances;
}

const rowsIndependent: RuleSpec<ModelSubject> = {
  id: 'rows-independent',
  must: 'the rows of a batch do not touch each other',
  why: 'Losses must not depend on which sequences happen to lie side by side',
  mend: 'Normalize and mix within a row only',
  check: async ({ withWeights, ids, logits }) => {
    await withWeights((model, weights) => {
      const all = ids(model, { batch: 3 });
      const together = logits(model, weights.view(), all);
      for (let row = 0; row < all.batch; row += 1) {
        const alone = logits(model, weights.view(), rowOf(all, row));
        const part = together.subarray(row * alone.length, (row + 1) * alone.length);
        const [distance = 0] = distancesOf(alone, part, 1);
        if (distance > ROUNDING) broken(`beside others, a logit of row ${row} changes by ${distance}`);
      }
    });
  },
};

function rowOf({ inputs, labels, time }: Ids, row: number): Ids {
  const [from, to] = [row * time, (row + 1) * time];
  return { batch: 1, time, inputs: inputs.slice(from, to), labels: labels.slice(from, to) };
}

const contextKept: RuleSpec<ModelSubject> = {
  id: 'context-kept',
  must: 'more tokens than the context has are refused with an InputError or ContractError, or computed right',
  why: 'Beyond learned positions a lookup reads nothing or somewhere else, and the logits look like any others',
  mend: 'Compare the length of the inputs with the context first, and throw an InputError',
  check: async ({ withWeights, ids, logits }) => {
    await withWeights((model, weights) => {
      const tokens = ids(model, { batch: 1, time: model.context + 1 });
      const fitting = { ...tokens, time: model.context, inputs: tokens.inputs.slice(0, model.context) };
      const expected = logits(model, weights.view(), fitting);
      let found: Float32Array;
      try {
        found = logits(model, weights.view(), tokens);
      } catch (error) {
        const cause: unknown = error instanceof Finding ? (error.cause ?? error) : error;
        if (isRefusal(cause)) return;
        broken(`${model.context + 1} tokens in a context of ${model.context} end in ${showError(cause)}`);
      }
      const [distance = 0] = distancesOf(expected, found.subarray(0, expected.length), 1);
      if (distance > ROUNDING) broken(`one token too many changes the logits before it by ${distance}`);
    });
  },
};

const noReadBack: RuleSpec<ModelSubject> = {
  id: 'no-read-back',
  must: 'logits and loss read no tensor back while they compute',
  why: 'A backend that compiles a whole step, or answers asynchronously, has no values yet',
  mend: 'Compute with tensors throughout; decide by options and shapes, never by dataSync or arraySync',
  check: async ({ withWeights, ids, calls }) => {
    await withWeights((model, weights) => {
      const tokens = ids(model);
      const tensors = [inputsOf(tokens), labelsOf(tokens)] as const;
      const reads = countingReads(() => {
        calls.now('logits', () => model.logits(weights.view(), tensors[0], EVALUATING).dispose());
        calls.now('loss', () => model.loss(weights.view(), ...tensors, { training: true }).dispose());
      });
      tensors.forEach((tensor) => tensor.dispose());
      if (reads > 0) broken(`it read ${reads} ${reads === 1 ? 'tensor' : 'tensors'} back`);
    });
  },
};

function countingReads(run: () => void): number {
  const machine = engine() as unknown as Record<'read' | 'readSync', (...given: unknown[]) => unknown>;
  let reads = 0;
  const originals = (['read', 'readSync'] as const).map((name) => {
    const original = machine[name];
    // Shadows the method of the class while `run` is at work.
    machine[name] = (...given) => {
      reads += 1;
      return Reflect.apply(original, machine, given);
    };
    return name;
  });
  try {
    run();
  } finally {
    for (const name of originals) Reflect.deleteProperty(machine, name);
  }
  return reads;
}

const noMathRandom: RuleSpec<ModelSubject> = {
  id: 'no-math-random',
  must: 'it does not use Math.random or another unseeded source of chance',
  why: 'Two runs of one seed would differ',
  mend: 'Give tf.dropout and the like a seed from mode.dropoutSeed()',
  check: async ({ withWeights, ids, logits, loss }) => {
    await withWeights(async (model, weights) => {
      await withAmbient((ambient) => {
        ambient.run(() => {
          logits(model, weights.view(), ids(model));
          loss(model, weights.view(), ids(model), { training: true });
        });
        const note = ambient.notes.find(({ source }) => source === 'chance');
        return Promise.resolve(note && broken(`it called ${note.call} at ${note.place}`));
      });
    });
  },
};

function assertSame(
  one: ArrayLike<number>,
  other: ArrayLike<number>,
  words: readonly [string, string],
): void {
  const found = difference(Array.from(one), Array.from(other), words);
  if (found !== undefined) broken(`value ${found}`);
}

export const forwardRules: readonly RuleSpec<ModelSubject>[] = [
  playsThrough,
  logitsForm,
  readsDeclared,
  pure,
  weightsUntouched,
  causal,
  readsTokens,
  rowsIndependent,
  contextKept,
  noReadBack,
  noMathRandom,
];

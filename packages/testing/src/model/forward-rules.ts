/** The forward pass: a pure function of weights and inputs that looks at nothing beside. */
import * as tf from '@tensorflow/tfjs-core';
import { withAmbient } from '../harness/ambient.js';
import { broken } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference } from '../harness/show.js';
import { countingReads } from '../harness/tensors.js';
import { onBackend } from './batches.js';
import { EVALUATING, TRAINING, type ModelSubject } from './subject.js';
import { seedsFrom } from './seeds.js';
import { WeightSet } from './weights.js';

const playsThrough: RuleSpec<ModelSubject> = {
  id: 'plays-through',
  must: 'states and outputs are computed for one position and for as many as the context has, for one layer and for 48',
  why: 'Runs have stacks of any depth, evaluation ends with short rows, and generation begins with one token',
  mend: 'Let every shape follow from the inputs, layers and context; give the check a function `batch` where the model reads other fields than `inputs`',
  check: async (subject) => {
    const { withHeads, fields, outputs, timeOf } = subject;
    for (const layers of [2, 1, 48]) {
      await withHeads(
        (whole) => {
          const longest = whole.model.context ?? timeOf(whole.model);
          for (const [rows, time] of [
            [1, 1],
            [3, 1],
            [1, longest],
            [2, 3],
          ] as const) {
            const given = fields({ rows, time: Math.min(time, longest) });
            outputs(whole, whole.weights.view(), given);
            outputs(whole, whole.weights.view(), given, { training: true, dropoutSeed: seedsFrom(1) });
          }
        },
        { layers, values: 'initial' },
      );
    }
  },
};

const statesForm: RuleSpec<ModelSubject> = {
  id: 'states-form',
  must: 'encode gives states of [batch * time, width] float32, finite, with batch and time beside them',
  why: 'Heads take rows out of them by these numbers',
  mend: 'Return { rows, batch, time }; keep the numbers finite at the initial weights',
  check: playsThrough.check,
};

const projectionForm: RuleSpec<ModelSubject> = {
  id: 'projection-form',
  must: 'a head gives features of [targets, width], a weight of [outputs, width] and, if any, a bias of [outputs], all float32 and finite',
  why: 'A loss that is fused with the product takes them apart; one target too few would be compared with the label of another',
  mend: 'Give every position of a causal-lm head, one row for each sequence or image of a classification; transpose the weight where it is [width, outputs]',
  check: playsThrough.check,
};

const readsDeclared: RuleSpec<ModelSubject> = {
  id: 'reads-what-it-declares',
  must: 'states and heads read every declared parameter of every layer, and no other',
  why: 'A weight that is declared and not read is stored, counted and saved for nothing; one that is read and not declared does not exist',
  mend: 'Let parameters and the forward pass name the same weights; ask view.block(layer, name) with the number of the layer itself',
  check: async ({ withModel, withHeads, fields, states, outputs, timeOf }) => {
    const read = new Set<string>();
    await withModel(
      (model, weights) => {
        // With the model's own weights alone: those of a head are not there for every task.
        states(model, weights.view(), fields({ time: timeOf(model) }));
        weights.read.forEach((name) => read.add(name));
      },
      { layers: 3 },
    );
    const unread = new Set<string>();
    await withHeads(
      (whole) => {
        const { weights, model, head, kind } = whole;
        outputs(whole, weights.view(), fields({ time: timeOf(model) }));
        weights.read.forEach((name) => read.add(name));
        const own = head.parameters.find(({ name }) => !weights.read.has(name));
        if (own) broken(`the head ${kind} never reads "${own.name}"`);
        weights.weights.forEach(({ name }) => unread.add(name));
      },
      { layers: 3 },
    );
    // A weight for one of the heads, such as a pooler, is read with that head.
    const never = [...unread].find((name) => !read.has(name));
    if (never !== undefined) broken(`nothing ever reads "${never}"`);
  },
};

const pure: RuleSpec<ModelSubject> = {
  id: 'pure',
  must: 'the same weights and inputs give the same states and outputs to the last bit, whatever was computed between',
  why: 'A registry changes weights and ties under the model; one that remembers would go on with what is no more',
  mend: 'Keep nothing between calls: no cache of weights, shapes or masks by layer',
  check: async (subject) => {
    const { withHeads, fields, outputs, make, headOf, timeOf } = subject;
    await withHeads(async (whole) => {
      const { weights, model, kind } = whole;
      const [given, short] = [fields({ time: timeOf(model) }), fields({ rows: 1, time: 1, seed: 5 })];
      const others = new WeightSet(weights.stack, 99, 'spread');
      try {
        const first = outputs(whole, weights.view(), given);
        const second = outputs(whole, others.view(), short);
        const noisy = { training: true, dropoutSeed: seedsFrom(1) };
        outputs(whole, others.view(), fields({ rows: 3, time: timeOf(model), seed: 6 }), noisy);
        assertSame(first.values, outputs(whole, weights.view(), given).values, ['at first', 'later']);
        // One that has computed with other weights before may remember those.
        const words = ['after others', 'from a fresh instance'] as const;
        for (const [view, input, expected] of [
          [others.view(), short, second],
          [weights.view(), given, first],
        ] as const) {
          const fresh = await make();
          const again = outputs({ ...whole, model: fresh, head: headOf(fresh, kind) }, view, input);
          assertSame(expected.values, again.values, words);
        }
      } finally {
        others.dispose();
      }
    });
  },
};

const weightsUntouched: RuleSpec<ModelSubject> = {
  id: 'weights-untouched',
  must: 'weights and inputs are neither changed nor disposed',
  why: 'They belong to the registry, and tied layers share them',
  mend: 'Use tf.tidy for what the model makes, and dispose nothing that came from the view or the batch',
  check: async ({ withHeads, fields, calls, timeOf }) => {
    await withHeads(({ model, head, kind, weights }) => {
      const before = weights.values();
      const given = fields({ time: timeOf(model) });
      const tensors = onBackend(given);
      for (const mode of [EVALUATING, { ...TRAINING, dropoutSeed: seedsFrom(1) }]) {
        const states = calls.now('encode', () => model.encode(weights.view(), tensors, mode));
        const projection = calls.now(`project of the head ${kind}`, () =>
          head.project(weights.view(), states, tensors, mode),
        );
        // A projection may hand on a weight or the states themselves: they are the registry's, or gone below.
        if (projection.features !== states.rows) projection.features.dispose();
        states.rows.dispose();
      }
      const gone = weights.weights.find((_, index) => weights.tensors[index]!.isDisposed);
      if (gone) broken(`the weight "${gone.name}" is disposed`);
      for (const [name, tensor] of Object.entries(tensors)) {
        if (tensor.isDisposed) broken(`the field "${name}" is disposed`);
        assertSame(given[name]!.data, tensor.dataSync(), ['given', 'afterwards']);
      }
      tf.dispose(tensors);
      weights.values().forEach((values, index) => {
        const found = difference(before[index], values, ['before', 'after']);
        if (found !== undefined) broken(`the weight "${weights.weights[index]!.name}", value ${found}`);
      });
    });
  },
};

const noReadBack: RuleSpec<ModelSubject> = {
  id: 'no-read-back',
  must: 'states and outputs read no tensor back while they are computed',
  why: 'A backend that compiles a whole step, or answers asynchronously, has no values yet',
  mend: 'Compute with tensors throughout; decide by options and shapes, never by dataSync or arraySync',
  check: async ({ withHeads, fields, calls, timeOf }) => {
    await withHeads(({ model, head, weights }) => {
      const tensors = onBackend(fields({ time: timeOf(model) }));
      const mode = { training: true, dropoutSeed: seedsFrom(1) };
      const reads = countingReads(() =>
        calls.now('encode and project', () => {
          const made = tf.tidy(() => {
            const states = model.encode(weights.view(), tensors, mode);
            return head.project(weights.view(), states, tensors, mode).features.clone();
          });
          made.dispose();
        }),
      );
      tf.dispose(tensors);
      if (reads > 0) broken(`it read ${reads} ${reads === 1 ? 'tensor' : 'tensors'} back`);
    });
  },
};

const noMathRandom: RuleSpec<ModelSubject> = {
  id: 'no-math-random',
  must: 'it does not use Math.random or another unseeded source of chance',
  why: 'Two runs of one seed would differ',
  mend: 'Give tf.dropout and the like a seed from mode.dropoutSeed()',
  check: async ({ withHeads, fields, outputs, timeOf }) => {
    await withHeads(async (whole) => {
      const { weights } = whole;
      await withAmbient((ambient) => {
        ambient.run(() => {
          const given = fields({ time: timeOf(whole.model) });
          outputs(whole, weights.view(), given);
          outputs(whole, weights.view(), given, { training: true, dropoutSeed: seedsFrom(1) });
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
  statesForm,
  projectionForm,
  readsDeclared,
  pure,
  weightsUntouched,
  noReadBack,
  noMathRandom,
];

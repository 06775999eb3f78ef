/** What an adapter promises: it adds weights of its own, and what it makes of others it makes for every layer alike. */
import type { AdaptedWeights, ModelCost } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show } from '../harness/show.js';
import { digits, directionsOf, dot, slope, tolerance } from '../harness/slopes.js';
import { assertSpec } from '../model/specs.js';
import { weightsOf, type WeightSet } from '../model/weights.js';
import { readWeight, stackOf, type AdapterSubject } from './subject.js';
import { surroundingRules } from './surrounding-rules.js';

type AdapterRule = RuleSpec<AdapterSubject>;

/** Layer 2 uses the block of layer 0. */
const TIED = [0, 1, 0];

const playsThrough: AdapterRule = {
  id: 'plays-through',
  must: 'every weight of what it wraps can be read through it, tied or not',
  why: 'The model asks for all of them in every step; what it cannot read stops the run',
  mend: 'Hand on what is not adapted: inner.global(name), inner.block(layer, name)',
  check: async (subject) => {
    const adapted = subject.wrap(await subject.make());
    subject.withWeights(adapted, (weights) => {
      subject.read(adapted.view(weights.view()));
      subject.read(adapted.view(weights.view(undefined, TIED)));
    });
  },
};

const parameters: AdapterRule = {
  id: 'parameters',
  must: 'the parameters that it was given are all there, changed in nothing but being frozen; its own have names that nobody has',
  why: 'The registry makes, ties and saves what is declared, and knows the others by these specs already',
  mend: 'Return [...specs, ...own], with { ...spec, trainable: false } for those that are to rest',
  check: async (subject) => {
    const { specs } = subject;
    const { parameters: found } = subject.wrap(await subject.make());
    for (const spec of specs) {
      const kept = found.filter(({ name }) => name === spec.name);
      if (kept.length !== 1) broken(`"${spec.name}" is there ${kept.length} times`);
      const { trainable = true, ...rest } = kept[0]!;
      const { trainable: before = true, ...given } = spec;
      const differs = difference(given, rest, ['given', 'afterwards']);
      if (differs !== undefined) broken(`of "${spec.name}" ${differs}`);
      if (trainable && !before) broken(`"${spec.name}" was frozen and trains now`);
    }
    for (const spec of found) assertSpec(spec);
    try {
      weightsOf(stackOf(found));
    } catch (error) {
      throw error instanceof Finding ? new Finding(error.found) : error;
    }
    if (!found.some(({ trainable }) => trainable !== false)) broken('nothing is left that trains');
  },
};

const startsNeutral: AdapterRule = {
  id: 'starts-neutral',
  must: 'as it starts it changes nothing: every weight is read to the last bit as it is',
  why: 'Training goes on from a model that was good; a first step from somewhere else throws that away',
  mend: 'Begin with a factor of zeros; of one that must change weights tell the check `changesAtStart`',
  check: async (subject) => {
    if (subject.changesAtStart) notApplicable('it says that it changes weights from its start on');
    const adapted = subject.wrap(await subject.make());
    subject.withWeights(adapted, (weights) => {
      for (const tieMap of [undefined, TIED]) {
        const plain = subject.read(weights.view(undefined, tieMap));
        const through = subject.read(adapted.view(weights.view(undefined, tieMap)));
        for (const [name, values] of plain) {
          const found = difference(values, through.get(name), ['by itself', 'through it']);
          if (found !== undefined) broken(`"${name}", value ${found}`);
        }
      }
    });
  },
};

const shapesKept: AdapterRule = {
  id: 'shapes-kept',
  must: 'what is read through it has the shape of what is asked for, float32',
  why: 'The model computes with it in its place',
  mend: 'Add to the weight, or multiply into it; transpose where rows say `outputs`',
  check: playsThrough.check,
};

const readsDeclared: AdapterRule = {
  id: 'reads-what-it-declares',
  must: 'it reads its own parameters, all of them in every layer, and none that is not declared',
  why: 'A weight that nothing reads is stored and counted for nothing; one that is not declared does not exist',
  mend: 'Let parameters and view name the same weights; ask for the layer that was asked for',
  check: async (subject) => {
    const adapted = subject.wrap(await subject.make());
    subject.withWeights(adapted, (weights) => {
      subject.read(adapted.view(weights.view()));
      const unread = weights.weights.find(({ name }) => !weights.read.has(name));
      if (unread) broken(`it never reads "${unread.name}"`);
    });
  },
};

/** A number that depends on every weight that is read, otherwise on each. */
function sumOf(
  subject: AdapterSubject,
  adapted: AdaptedWeights,
  weights: WeightSet,
  tensors?: readonly Tensor[],
): Scalar {
  const view = adapted.view(weights.view(tensors, TIED));
  const parts = subject.wrapped.map((weight, at) => dotWith(readWeight(view, weight), at));
  return parts.reduce((one, other) => sum(one, other));
}

const factorsOf = (size: number, at: number): Float32Array =>
  Float32Array.from({ length: size }, (_, place) => Math.sin(1 + place + 3 * at));

/** With gradients written out: tfjs-core registers none in Node. */
function dotWith(tensor: Tensor, at: number): Scalar {
  const factors = tf.tensor(factorsOf(tensor.size, at), tensor.shape);
  const custom = tf.customGrad((...given) => {
    const save = given.pop() as unknown as tf.GradSaveFunc;
    save([factors]);
    const value = tf.sum(tf.mul(given[0] as Tensor, factors));
    return { value, gradFunc: (dy: Tensor, [kept]: Tensor[]) => [tf.mul(dy, kept!)] };
  });
  return custom(tensor) as Scalar;
}

function sum(one: Scalar, other: Scalar): Scalar {
  const custom = tf.customGrad((...given) => {
    const [left, right] = given as unknown as Tensor[];
    return { value: tf.add(left!, right!), gradFunc: (dy: Tensor) => [tf.clone(dy), tf.clone(dy)] };
  });
  return custom(one, other) as Scalar;
}

const gradients: AdapterRule = {
  id: 'gradients',
  must: 'the gradient by every parameter that trains agrees with differences, those that a tied block has together included',
  why: 'Where only the adapter trains, its gradients are all that is learnt by',
  mend: 'Compare each custom gradient with its derivative; register gradients of the kernels that are used (tfjs-core brings none of its own)',
  check: async (subject) => {
    const adapted = subject.wrap(await subject.make());
    subject.withWeights(
      adapted,
      (weights) => {
        const used = weights.weights.map(
          (weight, at) => weight.spec.trainable !== false && weights.ownerOf(weight, TIED) === at,
        );
        // What cannot be read at all is the business of other rules.
        heightOf(subject, adapted, weights);
        const found = gradientsOf(subject, adapted, weights, used);
        const values = weights.values();
        weights.weights.forEach(({ name }, index) => {
          if (!used[index]) return;
          const gradient = found[index]!;
          for (const direction of directionsOf(gradient, index)) {
            const measured = slope((step) => {
              const moved = values.map((one, at) =>
                at === index ? one.map((value, place) => value + step * direction[place]!) : one,
              );
              return subject.withWeights(adapted, (set) => heightOf(subject, adapted, set), 'spread', moved);
            });
            const claimed = dot(gradient, direction);
            if (!(Math.abs(measured - claimed) <= tolerance(gradient)))
              broken(
                `along a direction of "${name}" the slope is ${digits(measured)}, its gradient says ${digits(claimed)}`,
              );
          }
        });
      },
      'spread',
    );
  },
};

/** The same number, in 64 bits from the weights on. */
function heightOf(subject: AdapterSubject, adapted: AdaptedWeights, weights: WeightSet): number {
  const read = [...subject.read(adapted.view(weights.view(undefined, TIED))).values()];
  return read.reduce((all, values, at) => all + dot(values, factorsOf(values.length, at)), 0);
}

/** @throws Finding (of `gradients`) */
function gradientsOf(
  subject: AdapterSubject,
  adapted: AdaptedWeights,
  weights: WeightSet,
  used: readonly boolean[],
): Float32Array[] {
  const leaves = weights.tensors.filter((_, at) => used[at]);
  const heightBy = (...moving: Tensor[]): Scalar => {
    let next = 0;
    const tensors = weights.tensors.map((tensor, at) => (used[at] ? moving[next++]! : tensor));
    return sumOf(subject, adapted, weights, tensors);
  };
  return subject.calls.now(
    'the gradient of what is read',
    () => {
      const { value, grads } = tf.valueAndGrads(heightBy)([...leaves]);
      const numbers = grads.map((gradient) => gradient.dataSync().slice() as Float32Array);
      tf.dispose([value, ...grads]);
      let next = 0;
      return used.map((is) => (is ? numbers[next++]! : new Float32Array()));
    },
    'gradients',
  );
}

const positionsApart: AdapterRule = {
  id: 'positions-apart',
  must: 'its weights of one layer change what that layer reads and no other, tied ones too',
  why: 'Layers that share a block differ by their positions alone; an adapter that mixes them up ties what nobody tied',
  mend: 'Ask the inner view for the number of the layer that was asked for',
  check: async (subject) => {
    const adapted = subject.wrap(await subject.make());
    subject.withWeights(
      adapted,
      (weights) => {
        const own = new Set(subject.specs.map(({ name }) => name));
        const added = weights.weights.flatMap((weight, at) =>
          weight.spec.sharing === 'position' && !own.has(weight.spec.name) ? [{ ...weight, at }] : [],
        );
        if (added.length === 0) notApplicable('it has no weights that belong to one layer');
        const before = subject.read(adapted.view(weights.view(undefined, TIED)));
        const values = weights.values();
        for (const { name, layer, at } of added) {
          const moved = values.map((one, place) => (place === at ? one.map((value) => value + 1) : one));
          const after = subject.withWeights(
            adapted,
            (set) => subject.read(adapted.view(set.view(undefined, TIED))),
            'spread',
            moved,
          );
          const felt = subject.wrapped.filter(
            (weight) => difference(before.get(weight.name), after.get(weight.name)) !== undefined,
          );
          if (felt.length === 0) broken(`"${name}" changes nothing that is read`);
          const far = felt.find((weight) => weight.layer !== layer);
          if (far) broken(`"${name}" changes "${far.name}"`);
        }
      },
      'spread',
    );
  },
};

const pure: AdapterRule = {
  id: 'pure',
  must: 'wrap follows from what it is given: again, for others between, and by a fresh instance it comes to the same',
  why: 'One adapter may be asked for several objectives, and again when a run is resumed',
  mend: 'Keep what `wrap` finds in what it returns, not in the adapter',
  check: async (subject) => {
    const [one, other] = [await subject.make(), await subject.make()];
    const first = subject.wrap(one);
    const fewer = subject.specs.filter(({ sharing }, at) => sharing !== 'global' && at !== 2);
    try {
      one.wrap(fewer.map((spec) => ({ ...spec, shape: spec.shape.map((length) => 2 * length) })));
    } catch {
      // It may have nothing to adapt there.
    }
    const again = [subject.wrap(one), subject.wrap(other)];
    const reading = (adapted: AdaptedWeights): unknown =>
      subject.withWeights(
        adapted,
        (weights) => Object.fromEntries(subject.read(adapted.view(weights.view()))),
        'spread',
      );
    const expected = { parameters: first.parameters, read: reading(first) };
    for (const adapted of again) {
      const found = difference(expected, { parameters: adapted.parameters, read: reading(adapted) });
      if (found !== undefined) broken(found);
    }
  },
};

const inputsUntouched: AdapterRule = {
  id: 'inputs-untouched',
  must: 'specs and weights stay as they were, and no weight is disposed',
  why: 'Specs belong to the model, weights to the registry, and tied layers share them',
  mend: 'Copy a spec to change it; use tf.tidy for what is computed',
  check: async (subject) => {
    const adapted = subject.wrap(await subject.make());
    subject.withWeights(adapted, (weights) => {
      const before = weights.values();
      subject.read(adapted.view(weights.view()));
      const gone = weights.weights.find((_, at) => weights.tensors[at]!.isDisposed);
      if (gone) broken(`the weight "${gone.name}" is disposed`);
      const found = difference(before, weights.values(), ['before', 'after']);
      if (found !== undefined) broken(`weight ${found}`);
    });
  },
};

const cost: AdapterRule = {
  id: 'cost',
  must: 'cost, where there is one, gives counts of zero and more, of weights that are declared',
  why: 'The ledger of every run is computed from it',
  mend: 'Add the products of your own weights by their names; see ModelCost',
  check: async (subject) => {
    const adapted = subject.wrap(await subject.make());
    if (!adapted.cost) notApplicable('it adds nothing to the counts');
    const matrices = subject.specs.filter(({ shape }) => shape.length === 2);
    const plain: ModelCost = {
      weightFlops: Object.fromEntries(matrices.map(({ name, shape }) => [name, 20 * shape[0]! * shape[1]!])),
      layerActivationFlops: 100,
      layerActivationBytes: 200,
      globalActivationBytes: 300,
    };
    const copy = structuredClone(plain);
    const found: unknown = subject.calls.now('cost', () => adapted.cost!(copy, { inputs: [2, 5] }));
    if (difference(plain, copy) !== undefined) broken('it changed the counts that it was given');
    const { weightFlops, ...counts } = (found ?? {}) as ModelCost;
    const names = new Set(adapted.parameters.map(({ name }) => name));
    for (const [name, value] of Object.entries({ ...counts, ...weightFlops })) {
      if (!Number.isFinite(value) || value < 0) broken(`${name} is ${show(value)}`);
    }
    for (const name of Object.keys(plain)) if (!(name in (found as object))) broken(`${name} is missing`);
    const unknown = Object.keys(weightFlops).find((name) => !names.has(name));
    if (unknown !== undefined) broken(`it counts operations of "${unknown}", which is no parameter`);
  },
};

export const adapterRuleSpecs: readonly AdapterRule[] = [
  playsThrough,
  parameters,
  startsNeutral,
  shapesKept,
  readsDeclared,
  gradients,
  positionsApart,
  pure,
  inputsUntouched,
  cost,
  ...surroundingRules,
];

/** What a model may have beside states and heads, to be faster: it must come to the same. */
import { createRandomStream } from '@ligature/core';
import type { Decoder } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { show, showError } from '../harness/show.js';
import { countTensors } from '../harness/tensors.js';
import { onBackend, type Fields } from './batches.js';
import type { ModelSubject, Whole } from './subject.js';

/** Float32 sums of some dozens of terms, in another order. */
const ROUNDING = 1e-3;

const decoding: RuleSpec<ModelSubject> = {
  id: 'decoder-consistent',
  must: 'a decoder, where there is one, answers each token with the last row of outputs of all tokens read',
  why: 'Text is generated with it: an error in what it keeps makes other text than the model would write',
  mend: 'Keep keys and values of every layer that asks for them, tied or not, and forget them at prefill',
  check: async (subject) => {
    const { outputs, calls } = subject;
    await withDecoder(subject, 3, (whole, make, time) => {
      const decoder = make();
      const size = whole.head.outputs;
      for (const [seed, prompt] of [
        [1, 1],
        [2, Math.min(3, time)],
        [3, time],
      ] as const) {
        const tokens = tokensOf(subject, time, seed);
        const read = (count: number, answer: Tensor): void => {
          const values = numbersOf(answer, [size]);
          if (decoder.length !== count) broken(`after ${count} tokens its length is ${show(decoder.length)}`);
          const all = outputs(whole, whole.weights.view(), textOf(tokens.slice(0, count))).values;
          const far = all
            .subarray(-size)
            .findIndex((value, at) => !(Math.abs(value - values[at]!) <= ROUNDING));
          if (far >= 0)
            broken(`after ${count} tokens, ${prompt} of them at once, the logit of token ${far} is another`);
        };
        read(
          prompt,
          calls.now('prefill', () => decoder.prefill(tokens.slice(0, prompt))),
        );
        for (let at = prompt; at < time; at += 1) {
          read(
            at + 1,
            calls.now('step', () => decoder.step(tokens[at]!)),
          );
        }
      }
      calls.now('dispose', () => decoder.dispose());
    });
  },
};

const decoderEnds: RuleSpec<ModelSubject> = {
  id: 'decoder-bounds',
  must: 'a decoder refuses to step before prefill and beyond the context, and dispose, also twice, frees what it keeps',
  why: 'Beyond its positions it would read weights that are not there; what it keeps is most of the memory of a long text',
  mend: 'Throw a ContractError (decoder-not-ready), and dispose every tensor that is kept',
  check: async (subject) => {
    const { calls } = subject;
    await withDecoder(subject, 2, ({ model }, make, time) => {
      const before = countTensors();
      const decoder = make();
      refuses(() => decoder.step(0), 'before prefill');
      const tokens = tokensOf(subject, model.context ?? time, 1);
      calls.now('prefill', () => decoder.prefill(tokens).dispose());
      if (model.context !== undefined) refuses(() => decoder.step(0), 'beyond the context');
      calls.now('dispose', () => {
        decoder.dispose();
        decoder.dispose();
      });
      const left = countTensors() - before;
      if (left > 0) broken(`${left} ${left === 1 ? 'tensor is' : 'tensors are'} left after dispose`);
    });
  },
};

const hidden: RuleSpec<ModelSubject> = {
  id: 'hidden-by-layer',
  must: 'hidden, where there is one, gives what leaves each layer, in order, and what leaves a layer depends on none above it',
  why: 'Controllers merge layers whose states are alike: those of other layers would merge the wrong ones',
  mend: 'Give one [batch * time, width] for each layer, all of one shape, taken where the layer ends',
  check: async ({ withModel, fields, calls, timeOf }) => {
    await withModel(
      (model, weights) => {
        if (!model.hidden) notApplicable('it shows no hidden states');
        const batch = onBackend(fields({ time: timeOf(model) }));
        const states = (tieMap?: readonly number[]): Float32Array[] => {
          const view = weights.view(undefined, tieMap);
          const given: unknown = calls.now('hidden', () => tf.tidy(() => model.hidden!(view, batch)));
          if (!Array.isArray(given) || given.length !== model.layers) {
            tf.dispose(given as Tensor[]);
            return broken(`hidden gave ${show(given)} for ${model.layers} layers`);
          }
          const [rows = 0, width = 0] = (given[0] as Partial<Tensor> | undefined)?.shape ?? [];
          return given.map((state) => numbersOf(state, [rows, width]));
        };
        const own = states();
        // Layer 1 does as layer 0 does: what is below stays as it was, what is above does not.
        const tied = states([0, 0, 2]);
        tf.dispose(batch);
        own.forEach((state, layer) => {
          const far = state.findIndex((value, at) => Math.abs(value - tied[layer]![at]!) > ROUNDING);
          if (layer === 0 && far >= 0) broken('the state of layer 0 changes with the weights of layer 1');
          if (layer > 0 && far < 0) {
            broken(`the state of layer ${layer} does not change with the weights of layer 1`);
          }
        });
      },
      { layers: 3 },
    );
  },
};

/** @throws NotApplicable when there is no decoder, or no head whose outputs it could give */
async function withDecoder(
  { withHeads, calls, timeOf }: ModelSubject,
  layers: number,
  use: (whole: Whole, make: () => Decoder, time: number) => void,
): Promise<void> {
  let used = false;
  await withHeads(
    (whole) => {
      const { model, head, weights, kind } = whole;
      if (!model.decoder) notApplicable('it has no decoder');
      if (kind !== 'causal-lm') return;
      used = true;
      const make = (): Decoder => calls.now('decoder', () => model.decoder!(weights.view(), head));
      use(whole, make, timeOf(model));
    },
    { layers },
  );
  if (!used) notApplicable('it has no causal-lm head, which a decoder gives the outputs of');
}

function tokensOf({ inputs }: ModelSubject, time: number, seed: number): Int32Array {
  const random = createRandomStream(seed, 'tokens');
  const { vocabularySize = 2 } = inputs;
  return Int32Array.from({ length: time }, () => random.integer(0, vocabularySize));
}

const textOf = (tokens: Int32Array): Fields => ({
  inputs: { shape: [1, tokens.length], dtype: 'int32', data: tokens },
});

function refuses(step: () => Tensor, when: string): void {
  try {
    step().dispose();
  } catch (error) {
    if (isRefusal(error)) return;
    broken(`${when} step threw ${showError(error)}`);
  }
  broken(`${when} step gave an answer`);
}

/** Takes the values and disposes the tensor. @throws Finding */
function numbersOf(tensor: unknown, shape: readonly number[]): Float32Array {
  if (!(tensor instanceof tf.Tensor)) throw new Finding(`it gave ${show(tensor)}`);
  const values = tensor.dataSync().slice() as Float32Array;
  const found = `[${tensor.shape.join(', ')}] ${tensor.dtype}`;
  tensor.dispose();
  const wanted = `[${shape.join(', ')}] float32`;
  if (found !== wanted) throw new Finding(`it gave ${found} where ${wanted} belongs`);
  return values;
}

export const optionalRules: readonly RuleSpec<ModelSubject>[] = [decoding, decoderEnds, hidden];

/** What a model may have beside logits and loss, to be faster: it must come to the same. */
import type { Decoder, Model } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { broken, Finding, notApplicable } from '../harness/finding.js';
import { isRefusal } from '../harness/refusal.js';
import type { RuleSpec } from '../harness/rule.js';
import { show, showError } from '../harness/show.js';
import { countTensors } from '../harness/tensors.js';
import { inputsOf, labelsOf, type ModelSubject } from './subject.js';
import type { WeightSet } from './weights.js';

/** Float32 sums of some dozens of terms, in another order. */
const ROUNDING = 1e-3;

const scores: RuleSpec<ModelSubject> = {
  id: 'scores-consistent',
  must: 'scores, where there are some, are the cross-entropies and hits that follow from the logits',
  why: 'Evaluation takes them in the place of logits: perplexity and accuracy are computed from nothing else',
  mend: 'Give [2, batch * time]: nats of each position, and 1 where the label is the first most likely token',
  check: async ({ withWeights, ids, logits, calls, vocabularySize }) => {
    await withWeights((model, weights) => {
      if (!model.scores) notApplicable('it has no scores of its own');
      const { labels, ...tokens } = ids(model);
      const rows = logits(model, weights.view(), { ...tokens, labels });
      const rowOf = (position: number): Float32Array =>
        rows.subarray(position * vocabularySize, (position + 1) * vocabularySize);
      // Every second label is the most likely one, so that there are hits to find.
      const likely = labels.map((label, position) => (position % 2 === 0 ? argMax(rowOf(position)) : label));
      const found = calls.now('scores', () =>
        tf.tidy(() =>
          model.scores!(
            weights.view(),
            inputsOf({ ...tokens, labels: likely }),
            labelsOf({ ...tokens, labels: likely }),
          ),
        ),
      );
      const count = labels.length;
      const values = numbersOf(found, [2, count]);
      likely.forEach((label, position) => {
        const row = rowOf(position);
        const nats = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0)) - row[label]!;
        const hit = argMax(row) === label ? 1 : 0;
        if (Math.abs(values[position]! - nats) > ROUNDING) {
          broken(`position ${position} has ${nats} nats by its logits, ${values[position]} by scores`);
        }
        if (values[count + position] !== hit) {
          broken(`position ${position} is ${hit} by its logits, ${values[count + position]} by scores`);
        }
      });
    });
  },
};

const decoding: RuleSpec<ModelSubject> = {
  id: 'decoder-consistent',
  must: 'a decoder, where there is one, answers each token with the last row of the logits of all tokens read',
  why: 'Text is generated with it: an error in what it keeps makes other text than the model would write',
  mend: 'Keep keys and values of every layer that asks for them, tied or not, and forget them at prefill',
  check: async (subject) => {
    const { withWeights, ids, logits, calls, vocabularySize } = subject;
    await withWeights(
      (model, weights) => {
        const decoder = decoderOf(subject, model, weights);
        const lastRow = (tokens: Int32Array): Float32Array => {
          const shape = { batch: 1, time: tokens.length, inputs: tokens, labels: tokens };
          return logits(model, weights.view(), shape).slice(-vocabularySize);
        };
        for (const [seed, prompt] of [
          [1, 1],
          [2, 3],
          [3, model.context],
        ] as const) {
          const { inputs } = ids(model, { batch: 1, time: model.context, seed });
          const read = (tokens: number, answer: Tensor): void => {
            const values = numbersOf(answer, [vocabularySize]);
            if (decoder.length !== tokens)
              broken(`after ${tokens} tokens its length is ${show(decoder.length)}`);
            const far = lastRow(inputs.slice(0, tokens)).findIndex(
              (value, at) => !(Math.abs(value - values[at]!) <= ROUNDING),
            );
            if (far >= 0)
              broken(
                `after ${tokens} tokens, ${prompt} of them at once, the logit of token ${far} is another`,
              );
          };
          read(
            prompt,
            calls.now('prefill', () => decoder.prefill(inputs.slice(0, prompt))),
          );
          for (let at = prompt; at < model.context; at += 1) {
            read(
              at + 1,
              calls.now('step', () => decoder.step(inputs[at]!)),
            );
          }
        }
        calls.now('dispose', () => decoder.dispose());
      },
      { over: { layers: 3 } },
    );
  },
};

const decoderEnds: RuleSpec<ModelSubject> = {
  id: 'decoder-bounds',
  must: 'a decoder refuses to step before prefill and beyond the context, and dispose, also twice, frees what it keeps',
  why: 'Beyond its positions it would read weights that are not there; what it keeps is most of the memory of a long text',
  mend: 'Throw a ContractError (decoder-not-ready), and dispose every tensor that is kept',
  check: async (subject) => {
    const { withWeights, ids, calls } = subject;
    await withWeights((model, weights) => {
      const before = countTensors();
      const decoder = decoderOf(subject, model, weights);
      refuses(() => decoder.step(0), 'before prefill');
      const { inputs } = ids(model, { batch: 1, time: model.context });
      calls.now('prefill', () => decoder.prefill(inputs).dispose());
      refuses(() => decoder.step(0), 'beyond the context');
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
  mend: 'Give one [batch * time, width] for each layer, all of one width, taken where the layer ends',
  check: async ({ withWeights, ids, calls }) => {
    await withWeights(
      (model, weights) => {
        if (!model.hidden) notApplicable('it shows no hidden states');
        const tokens = ids(model);
        const states = (tieMap?: readonly number[]): Float32Array[] => {
          const view = weights.view(undefined, tieMap);
          const given: unknown = calls.now('hidden', () =>
            tf.tidy(() => model.hidden!(view, inputsOf(tokens))),
          );
          if (!Array.isArray(given) || given.length !== model.layers) {
            tf.dispose(given as Tensor[]);
            return broken(`hidden gave ${show(given)} for ${model.layers} layers`);
          }
          const width = (given[0] as Partial<Tensor> | undefined)?.shape?.[1] ?? 0;
          return given.map((state) => numbersOf(state, [tokens.labels.length, width]));
        };
        const own = states();
        // Layer 1 does as layer 0 does: what is below stays as it was, what is above does not.
        const tied = states([0, 0, 2]);
        own.forEach((state, layer) => {
          const far = state.findIndex((value, at) => Math.abs(value - tied[layer]![at]!) > ROUNDING);
          if (layer === 0 && far >= 0) broken('the state of layer 0 changes with the weights of layer 1');
          if (layer > 0 && far < 0) {
            broken(`the state of layer ${layer} does not change with the weights of layer 1`);
          }
        });
      },
      { over: { layers: 3 } },
    );
  },
};

/** @throws NotApplicable */
function decoderOf({ calls }: ModelSubject, model: Model, weights: WeightSet): Decoder {
  if (!model.decoder) return notApplicable('it has no decoder');
  return calls.now('decoder', () => model.decoder!(weights.view()));
}

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

/** The lowest index of the largest value. */
const argMax = (row: Float32Array): number =>
  row.reduce((best, value, at) => (value > row[best]! ? at : best), 0);

export const optionalRules: readonly RuleSpec<ModelSubject>[] = [scores, decoding, decoderEnds, hidden];

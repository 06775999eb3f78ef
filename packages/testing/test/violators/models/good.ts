/** A good model, and ways to spoil it. */
import {
  defineModel,
  definePlugin,
  type Head,
  type Mode,
  type Model,
  type ParameterView,
  type Plugin,
} from '@ligature/core';
import type { CheckModelOptions } from '@ligature/testing';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { inputsOf, statesOf, toyModel, type ToyShape } from '../../support/toy-model.js';
import { entryFaults, type EntryFault } from '../entry-faults.js';
import { NAME, type Violator } from '../violators.js';

const fields = {
  layers: z.int().min(1).default(2).describe('layers'),
  width: z.int().min(1).default(8).describe('width'),
  context: z.int().min(1).default(6).describe('longest sequence'),
  dropout: z.number().min(0).lt(1).default(0).describe('dropout of what layers add'),
};
const options = z.strictObject(fields);

interface Inside {
  readonly good: Model;
  readonly shape: ToyShape;
}
export type Change = (inside: Inside) => Partial<Model>;

export function modelPlugin(
  change: Change = () => ({}),
  meta: EntryFault['meta'] = {},
  asked: Partial<ToyShape> = {},
): Plugin {
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    models: {
      [NAME]: defineModel({
        meta: { summary: 'A toy', options, ...meta },
        create(given: z.output<typeof options>, { inputs }) {
          const shape: ToyShape = { ...given, vocabularySize: inputs['vocabularySize']!, ...asked };
          const good = toyModel(shape);
          return { ...good, ...change({ good, shape }) };
        },
      }),
    },
  });
}

export const goodModel = modelPlugin();

export const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  more: Pick<Violator<CheckModelOptions>, 'also' | 'options'> = {},
): Violator<CheckModelOptions> => ({ rule, fault, found, plugin: modelPlugin(change), ...more });

type Rows = (shape: ToyShape, view: ParameterView, inputs: Tensor2D, mode: Mode) => Tensor2D;

/** Other states; no decoder, which would be that of the good one. */
export const computing =
  (rows: Rows): Change =>
  ({ shape }) => ({
    encode(view, batch, mode) {
      const inputs = inputsOf(batch, shape);
      return statesOf(inputs, () => rows(shape, view, inputs, mode));
    },
    decoder: undefined as never,
  });

/** Another head of one kind. */
export const heading =
  (kind: string, change: (good: Head) => Partial<Head>): Change =>
  ({ good }) => ({
    heads: {
      ...good.heads,
      [kind]: (outputs: number) => {
        const head = good.heads[kind]!(outputs);
        return { ...head, ...change(head) };
      },
    },
  });

/** A view that answers some questions differently. */
export const through = (view: ParameterView, block: ParameterView['block']): ParameterView => ({
  global: (name) => view.global(name),
  block,
});

export const entryViolators: readonly Violator<CheckModelOptions>[] = entryFaults(fields).map(
  ({ meta, ...fault }) => ({ ...fault, plugin: modelPlugin(undefined, meta) }),
);

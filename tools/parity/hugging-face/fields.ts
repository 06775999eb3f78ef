/** `inputs.*` of a case as fields of a batch, under the names that our models read. */
import type { Field } from '@ligature/core';
import type { Weights } from '../reference-files.js';

type Fields = Record<string, Field>;

const NAMES: Readonly<Record<string, string>> = {
  input_ids: 'inputs',
  attention_mask: 'attention_mask',
  token_type_ids: 'token_type_ids',
  pixel_values: 'pixel_values',
};

export function inputFields(expected: Weights): Fields {
  const fields: Fields = {};
  for (const [key, tensor] of expected) {
    if (!key.startsWith('inputs.')) continue;
    const given = key.slice('inputs.'.length);
    const name = NAMES[given];
    if (name === undefined) throw new Error(`no model here reads "${key}"`);
    fields[name] =
      name === 'pixel_values' ? floats(tensor.shape, tensor.data) : integers(tensor.shape, tensor.data);
  }
  return fields;
}

/** @throws Error when the case has no such labels */
export function labelsOf(expected: Weights, name: string): NonNullable<ReturnType<Weights['get']>> {
  const labels = expected.get(`labels.${name}`);
  if (!labels) throw new Error(`reference.safetensors has no "labels.${name}"`);
  return labels;
}

export const integers = (shape: readonly number[], data: ArrayLike<number>): Field => ({
  ...{ shape, dtype: 'int32', data: Int32Array.from(data) },
});

export const floats = (shape: readonly number[], data: ArrayLike<number>): Field => ({
  ...{ shape, dtype: 'float32', data: Float32Array.from(data) },
});

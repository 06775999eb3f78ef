/** What a model reads of a batch, and what it says where that is not there. */
import { InputError } from '@ligature/core';
import type { BatchShape, TensorBatch } from '@ligature/core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';

/** @throws InputError (`batch-field-missing`) naming the fields that there are */
export function batchField(batch: TensorBatch, name: string, model: string): Tensor {
  return batch[name] ?? missing(batch, name, model);
}

/**
 * A field that may be left out, one number for each token.
 *
 * @throws InputError (`batch-field-shape`) where it has another shape than the tokens
 */
export function tokenField(
  batch: TensorBatch,
  name: string,
  inputs: Tensor2D,
  model: string,
): Tensor2D | undefined {
  const field = batch[name];
  if (!field || field.shape.join() === inputs.shape.join()) return field as Tensor2D | undefined;
  throw new InputError('batch-field-shape', {
    asked: `Read the field "${name}" of a batch with ${model}`,
    found: `it has shape [${field.shape.join(', ')}], and the tokens have [${inputs.shape.join(', ')}]`,
    todo: 'Give it one number for each token, or leave it out',
  });
}

/** @throws InputError (`batch-field-missing`) naming the fields that there are */
export function fieldShape(shape: BatchShape, name: string, model: string): readonly number[] {
  return shape[name] ?? missing(shape, name, model);
}

function missing(batch: Readonly<Record<string, unknown>>, name: string, model: string): never {
  const names = Object.keys(batch);
  throw new InputError('batch-field-missing', {
    asked: `Read the field "${name}" of a batch with ${model}`,
    found: names.length > 0 ? `the batch has ${names.join(', ')}` : 'the batch has no fields',
    todo: 'Choose a task whose batches have it, or a model that reads what this one has',
  });
}

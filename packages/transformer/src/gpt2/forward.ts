/**
 * The forward pass of GPT-2 (Radford et al. 2019): learned positions, pre-norm blocks, final norm. Everything between
 * the embedding and the head is two-dimensional, [batch * time, width], so that each product with a weight is one large
 * matrix product.
 */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { dropoutOf, embedding } from '@ligature/nn';
import { maskFor } from '../attention-mask.js';
import { batchField, tokenField } from '../batch-fields.js';
import type { RunStack } from '../encode.js';
import { runLayers } from '../layer.js';
import { assertTime, dropoutFor } from '../mode.js';
import type { ResolvedGpt2Config } from './options.js';
import { finalNorm, gpt2Layer } from './layer.js';

/** What the model is called where it refuses a batch. */
const NAME = 'GPT-2';

/** The fields of a batch -> what a head reads, rows [batch * time, width] behind the final norm. */
export const gpt2Stack =
  (config: ResolvedGpt2Config): RunStack =>
  (view, fields, mode, onLayer) => {
    const inputs = batchField(fields, 'inputs', NAME) as Tensor2D;
    const [batch, time] = inputs.shape;
    assertTime(time, config.context);
    const mask = maskFor(true, tokenField(fields, 'attention_mask', inputs, NAME));
    const dropout = dropoutFor(config.dropout, mode);
    const table = view.global('transformer.wte.weight') as Tensor2D; // [vocabulary, width]
    const positions = view.global('transformer.wpe.weight') as Tensor2D; // [context, width]
    const x = runLayers(dropoutOf(embedding(table, positions, inputs), dropout), {
      layers: config.layers,
      layer: (index) => gpt2Layer(config, view, index, dropout),
      shape: { batch, time, heads: config.heads, size: config.width / config.heads },
      attention: { ...mask, dropout },
      onLayer,
    });
    return { rows: finalNorm(config, view, x), batch, time };
  };

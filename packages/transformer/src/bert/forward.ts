/** The forward pass of BERT (Devlin et al. 2019): embeddings, post-norm layers, and no norm behind them. */
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { dropoutOf } from '@ligature/nn';
import { maskFor } from '../attention-mask.js';
import { batchField, tokenField } from '../batch-fields.js';
import type { RunStack } from '../encode.js';
import { runLayers } from '../layer.js';
import { assertTime, dropoutFor } from '../mode.js';
import { bertEmbeddings } from './embeddings.js';
import { bertLayer } from './layer.js';
import type { ResolvedBertConfig } from './options.js';

/** What the model is called where it refuses a batch. */
const NAME = 'BERT';

/** The fields of a batch -> what leaves the last layer, rows [batch * time, width]. */
export const bertStack =
  (config: ResolvedBertConfig): RunStack =>
  (view, fields, mode, onLayer) => {
    const inputs = batchField(fields, 'inputs', NAME) as Tensor2D;
    const [batch, time] = inputs.shape;
    assertTime(time, config.context);
    const types = tokenField(fields, 'token_type_ids', inputs, NAME);
    const mask = maskFor(config.decoder, tokenField(fields, 'attention_mask', inputs, NAME));
    const dropout = dropoutFor(config.dropout, mode);
    const rows = runLayers(dropoutOf(bertEmbeddings(config, view, inputs, types), dropout), {
      layers: config.layers,
      layer: (index) => bertLayer(config, view, index, dropout),
      shape: { batch, time, heads: config.heads, size: config.width / config.heads },
      attention: { ...mask, dropout: dropoutFor(config.attentionDropout, mode) },
      onLayer,
    });
    return { rows, batch, time };
  };

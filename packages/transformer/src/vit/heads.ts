/** What ViT may be asked for, as Hugging Face's model of that name has it. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core';
import type { Head, Model } from '@ligature/core';
import { takeRows } from '@ligature/nn';
import { linearSpecs } from '../specs.js';
import { classifierCost } from './cost.js';
import type { ResolvedVitConfig } from './options.js';

export const vitHeads = (config: ResolvedVitConfig): Model['heads'] => ({
  'image-classification': (outputs) => classificationHead(config, outputs),
});

/** `ViTForImageClassification`: reads the class token of each image. */
function classificationHead(config: ResolvedVitConfig, outputs: number): Head {
  return {
    outputs,
    parameters: linearSpecs('classifier', config.width, outputs),
    project: (view, { rows, batch, time }) => ({
      features: tf.tidy(() => takeRows(rows, tf.range(0, batch * time, time, 'int32'))),
      weight: view.global('classifier.weight') as Tensor2D, // [outputs, width]
      bias: view.global('classifier.bias') as Tensor1D,
    }),
    cost: (shape) => classifierCost(config, outputs, shape),
  };
}

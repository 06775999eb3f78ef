/** Patches as a sequence, a class token before them, and positions (Dosovitskiy et al. 2021, equation 1). */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { ParameterView } from '@ligature/core';
import { linear, reshaped, withGradient } from '@ligature/nn';
import type { ResolvedVitConfig } from './options.js';

export const CLASS_TOKEN = 'vit.embeddings.cls_token';
export const POSITIONS = 'vit.embeddings.position_embeddings';
export const PATCHES = 'vit.embeddings.patch_embeddings.projection';

/** pixels [batch, channels, imageSize, imageSize] -> [batch * positions, width] */
export function vitEmbeddings(config: ResolvedVitConfig, view: ParameterView, pixels: Tensor4D): Tensor2D {
  const { width, channels, patchSize } = config;
  const kernel = view.global(`${PATCHES}.weight`); // [width, channels, patchSize, patchSize]
  const matrix: Tensor2D = reshaped(kernel, [width, channels * patchSize ** 2]);
  const bias = view.global(`${PATCHES}.bias`) as Tensor1D;
  const patches = linear(patchRows(config, pixels), matrix, bias, 'outputs'); // [batch * patches, width]
  return sequences(patches, view.global(CLASS_TOKEN), view.global(POSITIONS), pixels.shape[0]);
}

/**
 * A convolution whose kernels do not overlap is a product: one row for each patch, in the order of reading, its numbers in the
 * order of the kernel's. -> [batch * patches, channels * patchSize²]
 */
function patchRows({ channels, imageSize, patchSize }: ResolvedVitConfig, pixels: Tensor4D): Tensor2D {
  const batch = pixels.shape[0];
  const side = imageSize / patchSize;
  // [batch, channels, imageSize, imageSize] -> [batch, channels, side, patchSize, side, patchSize]
  const cut = tf.reshape(pixels, [batch, channels, side, patchSize, side, patchSize]);
  // -> [batch, side, side, channels, patchSize, patchSize] -> [batch * side², channels * patchSize²]
  return tf.reshape(tf.transpose(cut, [0, 2, 4, 1, 3, 5]), [batch * side ** 2, channels * patchSize ** 2]);
}

/**
 * @param patches [batch * patches, width]
 * @param token [1, 1, width]
 * @param positions [1, 1 + patches, width]
 * @returns [batch * (1 + patches), width]
 */
function sequences(patches: Tensor2D, token: Tensor, positions: Tensor, batch: number): Tensor2D {
  const [rows, width] = patches.shape;
  const count = rows / batch;
  return withGradient<Tensor2D>([patches, token, positions], () => {
    const apart: Tensor3D = tf.reshape(patches, [batch, count, width]);
    const tokens = tf.tile(token as Tensor3D, [batch, 1, 1]);
    const placed = tf.add(tf.concat([tokens, apart], 1), positions); // [batch, 1 + patches, width]
    return {
      value: tf.reshape(placed, [batch * (1 + count), width]),
      gradient: (dy) => {
        const along: Tensor3D = tf.reshape(dy, [batch, 1 + count, width]);
        const dPositions = tf.sum(along, 0, true) as Tensor3D; // [1, 1 + patches, width]
        const dPatches = tf.slice(along, [0, 1, 0], [batch, count, width]);
        return [
          tf.reshape(dPatches, [rows, width]),
          tf.slice(dPositions, [0, 0, 0], [1, 1, width]),
          dPositions,
        ];
      },
    };
  });
}

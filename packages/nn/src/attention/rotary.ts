/**
 * Rotary positions (Su et al. 2021, arXiv 2104.09864, section 3.2.2): each pair of numbers of a query or key is turned by
 * an angle that grows with its position, so that scores depend on distances alone. Pairs are half a head apart, as in
 * Hugging Face's `rotate_half`.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor2D, Tensor3D } from '@tensorflow/tfjs-core';

/** How angles are stretched for contexts longer than those of training; names and formulas are Hugging Face's. */
export type RotaryScaling =
  /** All frequencies divided by the factor (Chen et al. 2023, arXiv 2306.15595). */
  | { readonly type: 'linear'; readonly factor: number }
  /** Low frequencies divided, high ones kept, those between blended (Llama 3.1). */
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      /** Of the training before. */
      readonly originalContext: number;
    };

export interface RotaryOptions {
  /** Width of one head, even. */
  readonly size: number;
  /** Base of the frequencies theta^(-2i / size). */
  readonly theta: number;
  readonly scaling?: RotaryScaling | null;
}

/** Cosines and sines of the angles, [positions, size / 2] each. */
export interface RotaryTables {
  readonly cos: Tensor2D;
  readonly sin: Tensor2D;
}

/** Radians a position, [size / 2], in float32 as PyTorch has them. */
export function rotaryFrequencies({ size, theta, scaling = null }: RotaryOptions): Float32Array {
  const own = Float32Array.from({ length: size / 2 }, (_, i) => 1 / theta ** ((2 * i) / size));
  if (scaling === null) return own;
  const { factor } = scaling;
  if (scaling.type === 'linear') return own.map((frequency) => frequency / factor);
  const { lowFrequencyFactor: low, highFrequencyFactor: high, originalContext } = scaling;
  return own.map((frequency) => {
    const turns = (originalContext * frequency) / (2 * Math.PI); // in the context of before
    if (turns < low) return frequency / factor;
    if (turns > high) return frequency;
    const kept = (turns - low) / (high - low);
    return (1 - kept) * (frequency / factor) + kept * frequency;
  });
}

/** Of the positions from 0 on. */
export function rotaryTables(frequencies: Float32Array, positions: number): RotaryTables {
  const half = frequencies.length;
  const table = (of: (angle: number) => number): Tensor2D => {
    const numbers = new Float32Array(positions * half);
    for (let position = 0; position < positions; position += 1) {
      for (let i = 0; i < half; i += 1) {
        numbers[position * half + i] = of(Math.fround(position * frequencies[i]!));
      }
    }
    return tf.tensor2d(numbers, [positions, half]);
  };
  return { cos: table(Math.cos), sin: table(Math.sin) };
}

/**
 * Turns x [.., positions, size] by the angles of its positions. A rotation's gradient is the rotation back.
 *
 * @param back by the negative angles
 */
export function turned(x: Tensor3D, { cos, sin }: RotaryTables, back = false): Tensor3D {
  const [first, second] = tf.split(x, 2, 2) as [Tensor3D, Tensor3D];
  const [ahead, behind] = back ? [second, first] : [first, second];
  // Turning back is the same with the halves in each other's place, before and after.
  const one = tf.sub(tf.mul(ahead, cos), tf.mul(behind, sin)) as Tensor3D;
  const other = tf.add(tf.mul(behind, cos), tf.mul(ahead, sin)) as Tensor3D;
  return tf.concat(back ? [other, one] : [one, other], 2);
}

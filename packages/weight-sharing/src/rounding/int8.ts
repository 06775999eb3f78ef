/**
 * Weights as whole numbers of eight bits, symmetric and by channel: q = round(w / s) in [-127, 127] with s = max |w| / 127 of the
 * channel, and w is restored as q s. The weights of Jacob et al. 2018 (arXiv 1712.05877, section 2.1 with zero point 0 and the
 * narrow range of its section 3.1), by channel as Krishnamoorthi 2018 (arXiv 1806.08342, section 3.1.2) and the vector-wise absmax of
 * LLM.int8 (Dettmers et al. 2022, arXiv 2208.07339, section 2) have them. Weights alone: activations stay float32, and
 * nothing is calibrated or trained.
 */
import { ContractError } from '@ligature/core';

/** Which numbers of a matrix share a step: those of a row, or those of a column. */
export type Channels = 'rows' | 'columns';

export interface Int8Matrix {
  readonly shape: readonly [rows: number, columns: number];
  readonly channels: Channels;
  /** Row-major, in [-127, 127]. */
  readonly data: Int8Array;
  /** The step of each channel; 0 for one of zeros alone. */
  readonly scales: Float32Array;
}

const MOST = 127;

/**
 * The error of a number is half a step of its channel at most, and the rounding of float32. Zeros stay zeros; of two equal
 * numbers of a channel both become the same.
 *
 * @param values row-major, finite
 * @throws ContractError (`rounding-not-finite`) for a number that is not finite, (`rounding-shape`) when values do not fill the shape
 */
export function roundToInt8(
  values: Float32Array,
  shape: readonly [rows: number, columns: number],
  channels: Channels,
): Int8Matrix {
  const [rows, columns] = shape;
  if (values.length !== rows * columns) {
    throw new ContractError('rounding-shape', {
      asked: `Round a matrix of shape [${rows}, ${columns}] to int8`,
      found: `it has ${values.length} numbers`,
      todo: 'Give data that fills its shape',
    });
  }
  const channelOf = channelAt(columns, channels);
  const largest = new Float32Array(channels === 'rows' ? rows : columns);
  values.forEach((value, at) => {
    if (!Number.isFinite(value)) throw notFinite(value, at);
    const channel = channelOf(at);
    largest[channel] = Math.max(largest[channel] as number, Math.abs(value));
  });
  const scales = largest.map((most) => most / MOST);
  const data = new Int8Array(values.length);
  values.forEach((value, at) => {
    const scale = scales[channelOf(at)] as number;
    // The step of numbers near the smallest of float32 rounds to zero: so do they.
    const steps = scale === 0 ? 0 : nearestEven(value / scale);
    data[at] = Math.max(-MOST, Math.min(MOST, steps));
  });
  return { shape, channels, data, scales };
}

/** Row-major. */
export function fromInt8({ shape: [, columns], channels, data, scales }: Int8Matrix): Float32Array {
  const channelOf = channelAt(columns, channels);
  return Float32Array.from(data, (steps, at) => steps * (scales[channelOf(at)] as number));
}

const channelAt = (columns: number, channels: Channels): ((at: number) => number) =>
  channels === 'rows' ? (at) => Math.floor(at / columns) : (at) => at % columns;

/** Halves go to the even neighbour, as in IEEE 754, NumPy and PyTorch: no drift to one side. */
function nearestEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return Math.round(value);
  return down % 2 === 0 ? down : down + 1;
}

const notFinite = (value: number, at: number): ContractError =>
  new ContractError('rounding-not-finite', {
    asked: 'Round weights to int8',
    found: `number ${at} is ${value}`,
    todo: 'Check the weights: a model that diverged has none worth storing',
  });

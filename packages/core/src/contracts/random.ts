import type { Snapshotable } from './snapshot.js';

/** A named, seeded, resumable source of random numbers. The only source of randomness in a run. */
export interface RandomStream extends Snapshotable {
  readonly name: string;
  /** Uniform in [0, 1), 53 bits of resolution. */
  uniform(): number;
  /** Uniform integer in [low, high). @throws RangeError if the range is empty. */
  integer(low: number, high: number): number;
  /** Normal deviate (Box-Muller, nothing cached between calls). */
  normal(mean?: number, standardDeviation?: number): number;
  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/** The streams of one run: one seed, one independent stream per name; the same name gives the same object. */
export interface RandomStreams extends Snapshotable {
  readonly seed: number;
  stream(name: StreamName | (string & {})): RandomStream;
}

/** The streams that Ligature itself uses. A plug-in may ask for others under its own name. */
export type StreamName =
  'initialization' | 'data-order' | 'dropout' | 'policy' | 'reward' | 'evaluation' | 'generation';

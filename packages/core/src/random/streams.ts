/**
 * Named random streams: one xoroshiro128+ generator (pure-rand) per name, seeded from SHA-256 of the run's
 * seed and the name, so that drawing from one stream never shifts another.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomStream, RandomStreams } from '../contracts/random.js';
import type { Snapshot } from '../contracts/snapshot.js';
import { ContractError } from '../errors.js';

/** The state words of a stream that has not been drawn from: the first 128 bits of SHA-256(`seed/name`). */
function initialState(seed: number, name: string): number[] {
  // Not the platform's own: that of browsers is asynchronous.
  const bytes = sha256(new TextEncoder().encode(`${seed}/${name}`));
  const digest = new DataView(bytes.buffer, bytes.byteOffset);
  return [0, 4, 8, 12].map((offset) => digest.getInt32(offset, true));
}

function isState(state: unknown): state is number[] {
  return Array.isArray(state) && state.length === 4 && state.every((word) => Number.isInteger(word));
}

/** One stream on its own, for tests and for code outside a run. */
export function createRandomStream(seed: number, name: string): RandomStream {
  let generator = xoroshiro128plusFromState(initialState(seed, name));

  const uniform = (): number => uniformFloat64(generator);
  const integer = (low: number, high: number): number => {
    if (!(Number.isSafeInteger(low) && Number.isSafeInteger(high) && low < high)) {
      throw new RangeError(`random stream ${name}: no integer in [${low}, ${high})`);
    }
    return uniformInt(generator, low, high - 1);
  };

  return {
    name,
    uniform,
    integer,
    normal(mean = 0, standardDeviation = 1) {
      // 1 - u lies in (0, 1], so the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      return mean + standardDeviation * radius * Math.cos(2 * Math.PI * uniform());
    },
    shuffle<T>(items: readonly T[]): T[] {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last -= 1) {
        const other = integer(0, last + 1);
        [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
      }
      return shuffled;
    },
    snapshot: () => [...generator.getState()],
    restore(state: Snapshot) {
      if (!isState(state)) {
        throw new ContractError('random-state-invalid', {
          asked: `Restore the random stream "${name}"`,
          found: 'the saved state is not four 32-bit integers',
          todo: 'Use a snapshot of a stream made by this version',
        });
      }
      generator = xoroshiro128plusFromState(state);
    },
  };
}

/** The streams of one run. The same name always gives the same stream object. */
export function createRandomStreams(seed: number): RandomStreams {
  const streams = new Map<string, RandomStream>();
  const stream = (name: string): RandomStream => {
    let found = streams.get(name);
    if (!found) {
      found = createRandomStream(seed, name);
      streams.set(name, found);
    }
    return found;
  };
  return {
    seed,
    stream,
    // By name: the order in which streams were first asked for says nothing.
    snapshot: () =>
      Object.fromEntries(
        [...streams]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, one]) => [name, one.snapshot()] as const),
      ),
    restore(state: Snapshot) {
      if (typeof state !== 'object' || state === null) {
        throw new ContractError('random-state-invalid', {
          asked: 'Restore the random streams of a run',
          found: 'the saved state is no object of streams by name',
          todo: 'Use a snapshot of the streams made by this version',
        });
      }
      const saved = state as Readonly<Record<string, Snapshot>>;
      for (const name of new Set([...streams.keys(), ...Object.keys(saved)])) {
        // A stream that the state does not know had not been drawn from.
        stream(name).restore(
          Object.hasOwn(saved, name) ? (saved[name] as Snapshot) : initialState(seed, name),
        );
      }
    },
  };
}

/**
 * Tie, watch, take back: a hill climber over tie maps.
 *
 * Each layer, when its turn comes, is tied to the block of the layer before it and watched for one window. When the
 * window's reward falls further below the usual than rewards scatter anyway, the next window takes the tie back, and
 * the layer is left alone for one sweep, after the next failure for two, then four. What "usual" and "scatter" mean
 * drifts with training, so both are moving averages.
 */
import { ContractError, independentLayers } from '@ligature/core';
import type {
  Controller,
  ControllerContext,
  Decision,
  LearningReport,
  Observation,
  RandomStream,
  Snapshot,
  Transition,
} from '@ligature/core';
import { z } from 'zod';

/** The options, with a default and a description each: `ligature plugins` prints them. */
export const optionsSchema = z.strictObject({
  tolerance: z
    .number()
    .min(0)
    .default(1)
    .describe('how far below the usual reward a tie may fall, in mean deviations; 0: not at all'),
  memory: z
    .number()
    .min(0)
    .lt(1)
    .default(0.8)
    .describe('weight of the past in the moving averages; 0.8 remembers about five windows'),
  warmup: z
    .number()
    .int()
    .min(1)
    .default(4)
    .describe('windows at the start in which it only watches, to learn what is usual'),
  keep: z.number().int().min(1).default(2).describe('layers that keep a block of their own, at the least'),
  partner: z
    .enum(['neighbour', 'any'])
    .default('neighbour')
    .describe('tie to the block of the layer before, or to any earlier block, drawn at random'),
});

/** Options after validation: every default filled in. */
export type Options = z.output<typeof optionsSchema>;

/** Everything that moves. Plain JSON, so that it is its own snapshot. */
const stateSchema = z.strictObject({
  /** Moving average of the reward; `null` before the first one. */
  usual: z.number().nullable(),
  /** Moving average of the reward's distance from it. */
  scatter: z.number().min(0),
  /** The map to go back to in the next window; `null` when the last tie did no harm. */
  takeBack: z.array(z.number().int().min(0)).nullable(),
  /** For each layer: the first sweep in which it may be tried (again). */
  restsUntil: z.array(z.number().int().min(0)),
  /** For each layer: ties that were taken back so far. */
  failures: z.array(z.number().int().min(0)),
});
type State = z.output<typeof stateSchema>;

/** Makes the controller for a stack of `layers` layers; the whole context also has a seed, a random stream and `get`. */
export function createTieAndTakeBack(
  options: Options,
  { layers }: Pick<ControllerContext, 'layers'>,
): Controller {
  const { tolerance, memory, warmup, keep, partner } = options;
  let state: State = {
    usual: null,
    scatter: 0,
    takeBack: null,
    restsUntil: new Array<number>(layers).fill(0),
    failures: new Array<number>(layers).fill(0),
  };

  const average = (past: number, now: number): number => memory * past + (1 - memory) * now;

  return {
    decide({ window, sweep, layer, tieMap }: Observation, random: RandomStream): Decision {
      if (state.takeBack) return { kind: 'map', tieMap: state.takeBack };
      // A stack of one layer has nothing to decide.
      if (layer === null || window < warmup) return { kind: 'keep' };
      const tied = tieMap[layer] !== layer;
      const resting = sweep < state.restsUntil[layer]!;
      if (tied || resting || independentLayers(tieMap).length <= keep) return { kind: 'keep' };
      // All randomness comes from the stream: the same seed makes the same decisions.
      const source = partner === 'any' ? random.integer(0, layer) : layer - 1;
      return { kind: 'layer', layer, source };
    },

    learn({ observation, decision, reward }: Transition): LearningReport | undefined {
      // One NaN would stay in the averages for ever.
      if (!Number.isFinite(reward)) return undefined;
      const { usual, scatter } = state;
      const failed = decision.kind === 'layer' && usual !== null && reward < usual - tolerance * scatter;
      if (failed) {
        const { layer, sweep, tieMap } = observation;
        const failures = state.failures.with(layer!, state.failures[layer!]! + 1);
        const rest = 2 ** (failures[layer!]! - 1);
        const restsUntil = state.restsUntil.with(layer!, sweep + 1 + rest);
        state = { ...state, takeBack: [...tieMap], failures, restsUntil };
      } else {
        // A window that is taken back says nothing about what is usual.
        state = {
          ...state,
          takeBack: null,
          usual: average(usual ?? reward, reward),
          scatter: average(scatter, Math.abs(reward - (usual ?? reward))),
        };
      }
      return { usual: state.usual ?? reward, scatter: state.scatter, failed: failed ? 1 : 0 };
    },

    snapshot: () => structuredClone(state),
    restore(snapshot) {
      state = readState(snapshot, layers);
    },
  };
}

/** A saved state comes from a file: nothing of it is believed. */
function readState(snapshot: Snapshot, layers: number): State {
  const parsed = stateSchema.safeParse(snapshot);
  if (parsed.success && fits(parsed.data, layers)) return parsed.data;
  throw new ContractError('gradient-conflict-state', {
    asked: `Restore gradient-conflict for ${layers} layers`,
    found: parsed.success ? 'the state is of another stack' : z.prettifyError(parsed.error),
    todo: 'Resume with the options and the number of layers that the run was started with',
  });
}

function fits({ takeBack, restsUntil, failures }: State, layers: number): boolean {
  const map = takeBack ?? new Array<number>(layers).fill(0);
  return (
    [map, restsUntil, failures].every(({ length }) => length === layers) &&
    map.every((source, layer) => source <= layer)
  );
}

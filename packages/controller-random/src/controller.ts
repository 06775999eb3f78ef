/**
 * The control that a learned controller has to beat. Uniformly random actions already tie three quarters of 12
 * layers (E[independent] = H_L), so a tie ratio means nothing until it is compared with this one's.
 */
import {
  assertTieMap,
  ContractError,
  describeIssues,
  initialMap,
  independentLayers,
  initialMapSchema,
  InputError,
  randomContiguous,
  randomPartition,
  randomSweep,
} from '@ligature/core';
import type {
  Controller,
  ControllerContext,
  Decision,
  Observation,
  RandomStream,
  Snapshot,
  TieMap,
} from '@ligature/core';
import { z } from 'zod';

/** Everything that `createRandomController` takes; each option has a default. */
export const randomOptionsSchema = z
  .strictObject({
    mode: z
      .enum(['per-window', 'fixed'])
      .default('per-window')
      .describe('a random action in every window, or one random map drawn once and kept'),
    decide: z
      .enum(['layer', 'all'])
      .default('layer')
      .describe('mode per-window: one layer a window in turn, or every layer in every window'),
    blocks: z
      .number()
      .int()
      .min(1)
      .nullable()
      .default(null)
      .describe(
        'mode fixed: blocks of the map, uniform over all maps with that many; null: the map of one random sweep',
      ),
    contiguous: z
      .boolean()
      .default(false)
      .describe(
        'mode fixed: only maps whose blocks are runs of neighbours, uniform over those with as many blocks; ' +
          'blocks null: as many as one random sweep leaves',
      ),
    initial: initialMapSchema,
  })
  .refine(({ mode, blocks }) => mode === 'fixed' || blocks === null, {
    message: 'has a meaning in mode fixed only',
    path: ['blocks'],
  })
  .refine(({ mode, contiguous }) => mode === 'fixed' || !contiguous, {
    message: 'has a meaning in mode fixed only',
    path: ['contiguous'],
  })
  .refine(({ mode, initial }) => mode === 'per-window' || initial === 'profile', {
    message: 'has no meaning in mode fixed, whose map is the first one',
    path: ['initial'],
  });

export type RandomOptions = z.output<typeof randomOptionsSchema>;
export type RandomOptionsInput = z.input<typeof randomOptionsSchema>;

/**
 * Makes the control for a stack of `context.layers`. A fixed map is drawn from `context.random`, decisions from the
 * stream that `decide` is given.
 *
 * @throws InputError (`options-invalid`, `tie-map-invalid`)
 */
export function createRandomController(options: RandomOptionsInput, context: ControllerContext): Controller {
  const parsed = randomOptionsSchema.safeParse(options);
  if (!parsed.success) throw invalid(describeIssues(parsed.error));
  const { mode, decide, blocks, contiguous, initial } = parsed.data;
  const { layers, random } = context;
  if (blocks !== null && blocks > layers) throw invalid(`blocks: ${blocks}, but there are ${layers} layers`);
  if (mode === 'per-window') return perWindow(decide, initialMap(initial, layers));
  return fixed(contiguous ? neighbours(blocks, layers, random) : anyMap(blocks, layers, random));
}

const anyMap = (blocks: number | null, layers: number, random: RandomStream): TieMap =>
  blocks === null ? randomSweep(layers, random) : randomPartition(layers, blocks, random);

function neighbours(blocks: number | null, layers: number, random: RandomStream): TieMap {
  const count = blocks ?? independentLayers(randomSweep(layers, random)).length;
  return randomContiguous(layers, count, random);
}

function invalid(found: string): InputError {
  return new InputError('options-invalid', {
    asked: 'Create the random controller',
    found,
    todo: 'Use mode per-window, or mode fixed with 1 to as many blocks as there are layers',
  });
}

/** Nothing to save: what it draws comes from the run's stream, which is saved with the run. */
function perWindow(decide: RandomOptions['decide'], map: TieMap | undefined): Controller {
  return {
    ...(map && { initial: () => map }),
    decide({ layer, layers }: Observation, random: RandomStream): Decision {
      if (layer === null) return { kind: 'keep' };
      const notes = { explored: true, epsilon: 1 };
      if (decide === 'all') return { kind: 'map', tieMap: randomSweep(layers, random), notes };
      return { kind: 'layer', layer, source: random.integer(0, layer + 1), notes };
    },
    snapshot: () => null,
    restore: () => undefined,
  };
}

/** The map is part of the state, so that a resumed run keeps it whatever its stream has drawn since. */
function fixed(map: TieMap): Controller {
  let kept = map;
  return {
    initial: () => kept,
    snapshot: () => ({ tieMap: [...kept] }),
    restore(state) {
      kept = restoredMap(state, map.length);
    },
  };
}

function restoredMap(state: Snapshot, layers: number): TieMap {
  const saved = typeof state === 'object' && state !== null && 'tieMap' in state ? state.tieMap : undefined;
  const map =
    Array.isArray(saved) && saved.every((one) => typeof one === 'number') ? (saved as number[]) : [];
  try {
    return assertTieMap(map, layers);
  } catch (cause) {
    throw new ContractError(
      'controller-state-mismatch',
      {
        asked: 'Restore the map of the random controller',
        found:
          map.length > 0 ? `[${map.join(', ')}], which is no map of ${layers} layers` : 'it holds no map',
        todo: 'Resume with the options and the number of layers that the run was started with',
      },
      { cause },
    );
  }
}

/** What can be wrong with where a controller begins and with whose turn it says it is. */
import { sweepPosition } from '@ligature/core';
import type { CheckControllerOptions } from '@ligature/testing';
import { violator } from './controllers.js';
import type { Violator } from './violators.js';

export const turningViolators: readonly Violator<CheckControllerOptions>[] = [
  violator('initial-legal', 'points forward before the first step', /initial\(12\) gave/, ({ context }) => ({
    initial: () =>
      Array.from({ length: context.layers }, (_, layer) => Math.min(layer + 1, context.layers - 1)),
  })),
  violator('initial-legal', 'gives another map when it is asked again', /initial\(12\): 1/, ({ context }) => {
    let asked = 0;
    return {
      initial: () =>
        Array.from({ length: context.layers }, (_, layer) => (layer === 1 ? (asked += 1) % 2 : layer)),
    };
  }),
  violator('turn-legal', 'gives layer 0 a turn', /there is no layer 0 to decide on/, () => ({
    turn: (window) => ({ sweep: window, layer: 0, component: null }),
  })),
  violator('turn-legal', 'names a part that nobody knows', /"embedding" is not decided on by itself/, () => ({
    turn: (window) => ({ sweep: window, layer: null, component: 'embedding' }),
  })),
  violator('turn-legal', 'names parts where blocks are whole', /"mlp" is not decided on by itself/, () => ({
    turn: (window, { layers }) => ({ ...sweepPosition(window, layers), component: 'mlp' }),
  })),
  violator(
    'turn-legal',
    'counts how often it was asked',
    /turn for window \d+ of 12 layers: sweep is/,
    () => {
      let asked = 0;
      return {
        turn: (_, { layers }) => ({ ...sweepPosition(asked, layers), sweep: (asked += 1), component: null }),
      };
    },
    { also: ['resumes'] },
  ),
  violator('decision-legal', 'decides on a part that there is not', /"embedding" is not decided on/, () => ({
    decide: ({ layer }) =>
      layer === null ? { kind: 'keep' } : { kind: 'layer', layer, source: 0, component: 'embedding' },
  })),
];

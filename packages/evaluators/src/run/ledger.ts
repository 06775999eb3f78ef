/**
 * The parameter ledger of a run, from the events that carry it: the counts at the end, and what the run looked
 * like on average over its windows, since a controller may end on a map that it rarely used.
 */
import { defineEvaluator } from '@ligature/core';
import type { Evaluator, Ledger, Snapshot } from '@ligature/core';
import { z } from 'zod';
import { readState } from '../read-state.js';

const amount = z.number().min(0);
const stateSchema = z.strictObject({
  current: z
    .strictObject({
      layers: amount,
      independentLayers: amount,
      distinctStorages: z.record(z.string(), amount),
      uniqueParameters: amount,
      trainableParameters: amount,
      loggedTrainableParameters: amount,
      totalParameters: amount,
      bytes: z.strictObject({ weights: amount, gradients: amount, moments: amount, activations: amount }),
      flops: z.strictObject({ forward: amount, backward: amount, step: amount }),
    })
    .nullable(),
  windows: z.int().min(0),
  independent: amount,
  unique: amount,
});

export function createLedgerEvaluator(): Evaluator {
  let current: Ledger | undefined;
  let windows = 0;
  let independent = 0;
  let unique = 0;
  return {
    name: 'ledger',
    attach(bus) {
      const listening = bus.events$.subscribe((event) => {
        if (event.type === 'run.started' || event.type === 'tying.applied') current = event.ledger;
        // Of the weights that the run was measured with.
        if (event.type === 'run.completed') current = event.best?.ledger ?? event.ledger;
        if (event.type === 'window.closed' && current) {
          windows += 1;
          independent += current.independentLayers;
          unique += current.uniqueParameters;
        }
      });
      return () => listening.unsubscribe();
    },
    summary() {
      if (!current) return {};
      const { independentLayers, uniqueParameters, trainableParameters, totalParameters, bytes } = current;
      return {
        independentLayers,
        uniqueParameters,
        trainableParameters,
        totalParameters,
        reduction: 1 - uniqueParameters / totalParameters,
        weightBytes: bytes.weights,
        ...(windows > 0 && {
          independentLayersMean: independent / windows,
          reductionMean: 1 - unique / windows / totalParameters,
        }),
      };
    },
    snapshot: () => ({
      current: current ? structuredClone(current as unknown as Snapshot) : null,
      windows,
      independent,
      unique,
    }),
    restore(state) {
      const saved = readState('the evaluator ledger', stateSchema, state);
      current = saved.current ?? undefined;
      ({ windows, independent, unique } = saved);
    },
  };
}

export const ledger = defineEvaluator({
  meta: {
    summary: 'Unique, trainable and total parameters at the end, and their reduction on average over windows',
    options: z.strictObject({}),
  },
  create: () => createLedgerEvaluator(),
});

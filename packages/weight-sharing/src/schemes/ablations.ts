/**
 * Fixed maps of the Dynamic Layer Tying code (tamirdh/Dynamic-Layer-Tying f1f1529, arXiv 2401.12819):
 * dqn_trainer.py:60-69 and quantum_models.py:129-182.
 */
import { z } from 'zod';
import { defineScheme, impossible } from './scheme.js';

const noOptions = z.strictObject({});

export const fold = defineScheme({
  name: 'fold',
  summary: 'the second half mirrors the first: 0 1 2 2 1 0',
  reference: 'Dynamic Layer Tying code, ablation "rev", dqn_trainer.py:65-69',
  options: noOptions,
  blocks: (layers) => (layer) => (layer < Math.floor(layers / 2) ? layer : layers - 1 - layer),
});

export const pairs = defineScheme({
  name: 'pairs',
  summary: 'neighbours share: 0 0 2 2 4 4',
  reference: 'Dynamic Layer Tying code, ablation "sequence", dqn_trainer.py:60-64',
  options: noOptions,
  blocks: () => (layer) => layer - (layer % 2),
});

export const halfCycle = defineScheme({
  name: 'half-cycle',
  summary: 'the second half repeats the first: 0 1 2 0 1 2',
  reference: 'Dynamic Layer Tying code, QuantumGPT, quantum_models.py:129-182',
  options: noOptions,
  blocks(layers) {
    if (layers % 2 !== 0) {
      throw impossible('half-cycle', layers, 'the number is odd', 'Use an even number of layers');
    }
    return (layer) => layer % (layers / 2);
  },
});

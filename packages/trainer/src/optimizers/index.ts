/** The update rules of this package, as entries of a plug-in. */
import { defineOptimizer } from '@ligature/core';
import { adamWOptionsSchema, createAdamW } from './adamw.js';
import { createMuon, muonOptionsSchema } from './muon.js';
import { createSgd, sgdOptionsSchema } from './sgd.js';

export { adamWOptionsSchema, createAdamW, type AdamWOptions, type AdamWOptionsInput } from './adamw.js';
export { createMuon, muonOptionsSchema, type MuonOptions, type MuonOptionsInput } from './muon.js';
export { orthogonalize } from './orthogonalize.js';
export { createSgd, sgdOptionsSchema, type SgdOptions, type SgdOptionsInput } from './sgd.js';

export const optimizers = {
  adamw: defineOptimizer({
    meta: {
      summary: "AdamW with torch's arithmetic",
      reference: 'Loshchilov & Hutter 2019, arXiv:1711.05101',
      options: adamWOptionsSchema,
      official: { weightDecay: 0.01, decay: 'all', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    },
    create: createAdamW,
  }),
  sgd: defineOptimizer({
    meta: {
      summary: "Stochastic gradient descent with momentum, with torch's arithmetic",
      reference: 'Sutskever et al. 2013; torch.optim.SGD',
      options: sgdOptionsSchema,
    },
    create: createSgd,
  }),
  muon: defineOptimizer({
    meta: {
      summary: 'Muon for the matrices of the layers, AdamW for everything else',
      reference: 'Jordan et al. 2024, github.com/KellerJordan/Muon; scale: Liu et al. 2025, arXiv:2502.16982',
      options: muonOptionsSchema,
    },
    create: createMuon,
  }),
};

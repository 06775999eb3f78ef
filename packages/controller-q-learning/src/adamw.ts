/**
 * AdamW as `torch.optim.AdamW` computes it: decay decoupled from the gradient (Loshchilov & Hutter 2019,
 * algorithm 2, decay scaled by the learning rate), both moments bias-corrected, epsilon outside the root.
 */
import { mapParameters, PARAMETER_NAMES } from './mlp.js';
import type { Parameters } from './mlp.js';

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-8;

export interface AdamWState {
  readonly m: Parameters;
  readonly v: Parameters;
  step: number;
}

export function adamWState(like: Parameters): AdamWState {
  const zeros = () => mapParameters((name) => new Float64Array(like[name].length));
  return { m: zeros(), v: zeros(), step: 0 };
}

/** One update of `parameters` and `state`, both in place. */
export function adamWStep(
  parameters: Parameters,
  gradient: Parameters,
  state: AdamWState,
  { learningRate, weightDecay }: { learningRate: number; weightDecay: number },
): void {
  state.step += 1;
  const stepSize = learningRate / (1 - BETA_1 ** state.step);
  const rootCorrection = Math.sqrt(1 - BETA_2 ** state.step);
  const shrink = 1 - learningRate * weightDecay;
  for (const name of PARAMETER_NAMES) {
    const p = parameters[name];
    const g = gradient[name];
    const m = state.m[name];
    const v = state.v[name];
    for (let i = 0; i < p.length; i += 1) {
      const slope = g[i]!;
      m[i] = BETA_1 * m[i]! + (1 - BETA_1) * slope;
      v[i] = BETA_2 * v[i]! + (1 - BETA_2) * slope * slope;
      p[i] = shrink * p[i]! - (stepSize * m[i]!) / (Math.sqrt(v[i]!) / rootCorrection + EPSILON);
    }
  }
}

/**
 * Simulated annealing over tie maps: Kirkpatrick, Gelatt & Vecchi, Optimization by Simulated Annealing, Science 220
 * (1983), with the acceptance rule of Metropolis et al. (1953) in Hastings' form (1970), because maps have different
 * numbers of neighbours. At a constant temperature T and with rewards that belong to maps, the maps in hand are
 * distributed as exp(reward / T).
 */
import { canonicalTieMap, createFromOptions } from '@ligature/core';
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
import { drawMove, moveCount } from './moves.js';
import { annealingOptionsSchema } from './options.js';
import type { AnnealingOptions, AnnealingOptionsInput } from './options.js';
import { newState, readState } from './state.js';
import type { AnnealingState } from './state.js';

/** Weight of the past in the typical difference of rewards: about ten proposals, since rewards shrink with the loss. */
const MEMORY = 0.9;

/**
 * Makes the controller for a stack of `context.layers`.
 *
 * @throws InputError (`options-invalid`, `tie-map-invalid`)
 */
export function createAnnealing(options: AnnealingOptionsInput, { layers }: ControllerContext): Controller {
  const asked = { controller: 'annealing', schema: annealingOptionsSchema, options, layers };
  return createFromOptions(asked, (parsed) => new Annealing(parsed, layers));
}

class Annealing implements Controller {
  #state: AnnealingState = newState();
  readonly #options: AnnealingOptions;
  readonly #layers: number;

  constructor(options: AnnealingOptions, layers: number) {
    this.#options = options;
    this.#layers = layers;
  }

  decide({ layer, tieMap }: Observation, random: RandomStream): Decision {
    if (layer === null) return { kind: 'keep' };
    const state = this.#state;
    state.proposal = null;
    // The run's first map is the first in hand, and a window must pass before anything is known of it.
    state.current ??= canonicalTieMap(tieMap);
    if (state.reward === null) return { kind: 'map', tieMap: [...state.current] };
    const { kind, tieMap: proposed } = drawMove(state.current, random);
    // The chance of acceptance is drawn now: there is no stream when the reward comes.
    state.proposal = { tieMap: [...proposed], kind, chance: random.uniform() };
    return { kind: 'map', tieMap: [...proposed], notes: { explored: true } };
  }

  learn({ reward }: Transition): LearningReport | undefined {
    const state = this.#state;
    const { current, proposal } = state;
    if (!current) return undefined;
    if (!proposal) {
      if (Number.isFinite(reward)) state.reward = reward;
      return undefined;
    }
    state.proposal = null;
    state.proposals += 1;
    // A reward that is no number is a proposal that failed.
    const difference = Number.isFinite(reward) ? reward - state.reward! : -Infinity;
    if (Number.isFinite(difference)) {
      const size = Math.abs(difference);
      state.typical = state.typical > 0 ? MEMORY * state.typical + (1 - MEMORY) * size : size;
    }
    const temperature = this.#temperature(state.proposals - 1);
    const ratio = moveCount(current) / moveCount(proposal.tieMap);
    const accepted = proposal.chance < acceptance(difference, temperature, ratio);
    if (accepted) {
      state.current = proposal.tieMap;
      state.reward = reward;
    } else if (this.#options.remeasure) {
      state.reward = null;
    }
    return {
      accepted: accepted ? 1 : 0,
      temperature,
      proposals: state.proposals,
      ...(Number.isFinite(difference) && { difference }),
    };
  }

  snapshot(): Snapshot {
    return structuredClone(this.#state) as unknown as Snapshot;
  }

  restore(state: Snapshot): void {
    this.#state = readState(state, this.#layers);
  }

  /** Of a proposal, counted from 0, in rewards. */
  #temperature(proposal: number): number {
    const { start, decay, floor, unit } = this.#options.temperature;
    const schedule = Math.max(floor, start * decay ** proposal);
    return unit === 'reward' ? schedule : schedule * this.#state.typical;
  }
}

/** Hastings' rule: min(1, ratio · exp(difference / T)); at T = 0 whatever is not worse, as its limit without the ratio. */
export function acceptance(difference: number, temperature: number, ratio: number): number {
  if (difference === -Infinity) return 0;
  if (temperature <= 0) return difference >= 0 ? 1 : 0;
  return Math.min(1, ratio * Math.exp(difference / temperature));
}

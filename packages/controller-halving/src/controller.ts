/**
 * Successive halving over tie maps: Karnin, Koren & Somekh, Almost Optimal Exploration in Multi-Armed Bandits, ICML
 * 2013; Jamieson & Talwalkar, Non-stochastic Best Arm Identification and Hyperparameter Optimization, AISTATS 2016,
 * arXiv 1502.07943. In each round every map that is left has a few windows, then the better half goes on.
 *
 * The papers pull an arm at any time, or train one model an arm. Here one model is trained through all of it: what a
 * map earned in an earlier round was earned by another model, so a round counts its own rewards only, and each round
 * visits the maps in a new random order, so that none of them always comes early, when every loss falls faster.
 */
import { createFromOptions, independentLayers } from '@ligature/core';
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
import { drawCandidates } from './candidates.js';
import { halvingOptionsSchema } from './options.js';
import type { HalvingOptions, HalvingOptionsInput } from './options.js';
import { newState, readState } from './state.js';
import type { HalvingState } from './state.js';

/**
 * Makes the controller for a stack of `context.layers`; the maps are drawn from `context.random`.
 *
 * @throws InputError (`options-invalid`, `tie-map-invalid`)
 */
export function createHalving(
  options: HalvingOptionsInput,
  { layers, random }: ControllerContext,
): Controller {
  const asked = { controller: 'halving', schema: halvingOptionsSchema, options, layers };
  return createFromOptions(
    asked,
    (parsed) => new Halving(parsed, layers, drawCandidates(parsed.candidates, layers, random)),
  );
}

class Halving implements Controller {
  #state: HalvingState;
  readonly #options: HalvingOptions;
  readonly #layers: number;

  constructor(options: HalvingOptions, layers: number, candidates: number[][]) {
    this.#options = options;
    this.#layers = layers;
    this.#state = newState(candidates);
  }

  decide({ layer, window }: Observation, random: RandomStream): Decision {
    if (layer === null || window < this.#options.warmup) return { kind: 'keep' };
    const state = this.#state;
    const over = state.left.length === 1;
    if (!over && state.visits.length === 0) this.#beginRound(random);
    const candidate = over ? state.left[0]! : state.visits[0]!;
    return { kind: 'map', tieMap: [...state.candidates[candidate]!], notes: { explored: !over } };
  }

  learn({ decision, reward }: Transition): LearningReport | undefined {
    const state = this.#state;
    const candidate = state.visits[0];
    // Warming up, or one is left.
    if (decision.kind !== 'map' || candidate === undefined) return undefined;
    state.visits.shift();
    // One that is no number tells nothing; a map that earned no other is the worst of its round.
    if (Number.isFinite(reward)) state.rewards[candidate]!.push(reward);
    if (state.visits.length === 0) this.#endRound();
    return {
      candidate,
      blocks: independentLayers(state.candidates[candidate]!).length,
      round: state.rounds,
      left: state.left.length,
    };
  }

  snapshot(): Snapshot {
    return structuredClone(this.#state);
  }

  restore(state: Snapshot): void {
    this.#state = readState(state, this.#layers);
  }

  #beginRound(random: RandomStream): void {
    const order = random.shuffle(this.#state.left);
    this.#state.visits = order.flatMap((candidate) =>
      new Array<number>(this.#options.visits).fill(candidate),
    );
    // The order also breaks ties: a sort keeps it among equals.
    this.#state.left = order;
  }

  #endRound(): void {
    const state = this.#state;
    const scores = state.rewards.map((rewards) =>
      rewards.length > 0 ? rewards.reduce((sum, one) => sum + one, 0) / rewards.length : -Infinity,
    );
    // Not a difference: that of two infinite ones is no number.
    const ranked = [...state.left].sort(
      (a, b) => Number(scores[b]! > scores[a]!) - Number(scores[b]! < scores[a]!),
    );
    state.left = ranked.slice(0, Math.ceil(ranked.length / 2));
    state.rewards = state.candidates.map(() => []);
    state.rounds += 1;
  }
}

/**
 * A bandit decides which layers share. It sees no state: each layer's turn is one pull, the window's reward is what
 * the pull earned.
 *
 * 80 windows of 8 layers are 11 turns a layer, while the last layer has 8 sources. What makes that enough is that
 * sources of one block are one action: few blocks are left after the first sweep, and each turn chooses between those.
 * Hierarchical arms learn the coarse question (a block of its own, or not) in each layer alone and the fine one, which
 * block to join, in all layers together. They look better on paper; docs/controllers/bandit.md shows that they are not.
 */
import { createFromOptions, independentLayers } from '@ligature/core';
import type {
  Controller,
  ControllerContext,
  Decision,
  DecisionNotes,
  LearningReport,
  Observation,
  RandomStream,
  Snapshot,
  Transition,
} from '@ligature/core';
import { chooseArm, enterReward, meanReward } from './arms.js';
import { banditOptionsSchema } from './options.js';
import type { BanditOptions, BanditOptionsInput } from './options.js';
import { newState, readState } from './state.js';
import type { BanditState } from './state.js';

/** Arms of a layer's own bandit under `hierarchical`. */
const OWN = 0;
const TIE = 1;
/** Standardised rewards are cut off here: one window in which the loss jumped is not ten that were bad. */
const LARGEST = 3;

/**
 * Makes the controller for a stack of `context.layers`.
 *
 * @throws InputError (`options-invalid`, `tie-map-invalid`)
 */
export function createBandit(options: BanditOptionsInput, { layers }: ControllerContext): Controller {
  const asked = { controller: 'bandit', schema: banditOptionsSchema, options, layers };
  return createFromOptions(asked, (parsed) => new Bandit(parsed, layers));
}

class Bandit implements Controller {
  #state: BanditState;
  readonly #options: BanditOptions;
  readonly #layers: number;

  constructor(options: BanditOptions, layers: number) {
    this.#options = options;
    this.#layers = layers;
    this.#state = newState(options.arms, layers);
  }

  decide({ layer, tieMap }: Observation, random: RandomStream): Decision {
    if (layer === null) return { kind: 'keep' };
    // Sources that share a block are one action: the owner stands for them.
    const owners = independentLayers(tieMap).filter((owner) => owner < layer);
    const flat = this.#options.arms === 'flat';
    const bandit = this.#state.layers[layer]!;
    const first = chooseArm(bandit, flat ? [...owners, layer] : [OWN, TIE], this.#options, random);
    if (flat || first.arm === OWN) {
      const source = flat ? first.arm : layer;
      return { kind: 'layer', layer, source, notes: this.#notes(layer, tieMap, first.explored) };
    }
    const second = chooseArm(this.#state.blocks, owners, this.#options, random);
    const notes = this.#notes(layer, tieMap, first.explored || second.explored);
    return { kind: 'layer', layer, source: second.arm, notes };
  }

  learn({ decision, reward }: Transition): LearningReport | undefined {
    // One that is not finite would stay in the means for ever.
    if (decision.kind !== 'layer' || !Number.isFinite(reward)) return undefined;
    const value = this.#options.rewards === 'raw' ? reward : this.#standardise(reward);
    const { layer, source } = decision;
    const bandit = this.#state.layers[layer]!;
    if (this.#options.arms === 'flat') {
      enterReward(bandit, source, value, this.#options);
      return { value, mean: meanReward(bandit, source) };
    }
    const arm = source === layer ? OWN : TIE;
    enterReward(bandit, arm, value, this.#options);
    if (arm === TIE) enterReward(this.#state.blocks, source, value, this.#options);
    return { value, own: meanReward(bandit, OWN), tied: meanReward(bandit, TIE) };
  }

  snapshot(): Snapshot {
    return structuredClone(this.#state) as unknown as Snapshot;
  }

  restore(state: Snapshot): void {
    this.#state = readState(state, this.#options, this.#layers);
  }

  /** For the event log: the mean reward of each source, of the owner's arm where a block is shared. */
  #notes(layer: number, tieMap: Observation['tieMap'], explored: boolean): DecisionNotes {
    const bandit = this.#state.layers[layer]!;
    const values = Array.from({ length: layer + 1 }, (_, source) => {
      if (this.#options.arms === 'flat')
        return meanReward(bandit, source === layer ? layer : tieMap[source]!);
      if (source === layer) return meanReward(bandit, OWN);
      return meanReward(bandit, TIE) + meanReward(this.#state.blocks, tieMap[source]!);
    });
    return { explored, values };
  }

  /** Rewards have no known scale and drift while the loss falls: measured against what was usual lately. */
  #standardise(reward: number): number {
    const { memory } = this.#options;
    const { usual, scatter } = this.#state;
    const distance = usual === null ? 0 : reward - usual;
    const average = (past: number, now: number): number => memory * past + (1 - memory) * now;
    this.#state.usual = usual === null ? reward : average(usual, reward);
    // The first distance is all that is known of the scatter; a zero would make the next one infinite.
    this.#state.scatter = scatter > 0 ? average(scatter, Math.abs(distance)) : Math.abs(distance);
    const scale = this.#state.scatter;
    return scale > 0 ? Math.max(-LARGEST, Math.min(LARGEST, distance / scale)) : 0;
  }
}

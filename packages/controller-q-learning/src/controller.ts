/**
 * The Q-learning controller of "Dynamic Layer Tying for Parameter-Efficient Transformers" (Hay & Wolf, ICLR 2024,
 * arXiv 2401.12819): a network with one hidden layer reads the state of the layers, and epsilon-greedy choices
 * over its outputs tie layers. Once exploration has ended it takes the map that its values stand for, and keeps it.
 * Repaired by default; `paperOptions` for the published settings, `officialOptions` for the authors' code.
 */
import { assertTieMap, canonicalTieMap, ContractError, createFromOptions, InputError } from '@ligature/core';
import type {
  Controller,
  ControllerContext,
  Decision,
  LearningReport,
  Observation,
  RandomStream,
  Snapshot,
  TieMap,
  Transition,
} from '@ligature/core';
import { ReplayBuffer } from './experience.js';
import type { Experience } from './experience.js';
import { finalMap } from './final-map.js';
import { headSize, representative } from './head.js';
import { encodeState, learnerState, update } from './learner.js';
import type { LearnerState } from './learner.js';
import { forward, initialParameters, withoutOutput } from './mlp.js';
import type { MlpShape, ParameterName, Parameters } from './mlp.js';
import { qLearningOptionsSchema } from './options.js';
import type { QLearningOptions, QLearningOptionsInput } from './presets.js';
import { buildMap, chooseSource, epsilonAt, isOver, sourceValues } from './policy.js';
import { asCount, asParameters, asRecord, copyParameters, mismatch } from './snapshot.js';
import { Standardizer } from './standardizer.js';

/** Q-network weights by name, each flat: weights [in, out] row-major. */
export type QWeights = Readonly<Record<ParameterName, ArrayLike<number>>>;

/** What values are read from; `progress` left out: the beginning. */
export type Seen = Pick<Observation, 'state' | 'tieMap'> & { readonly progress?: number };

export interface QLearningController extends Controller {
  readonly options: QLearningOptions;
  decide(observation: Observation, random: RandomStream): Decision;
  learn(transition: Transition): LearningReport | undefined;
  /** Values of sources 0..layer as the network sees them now, the last one = independent. */
  values(observation: Seen, layer: number): number[];
  /** Copies of the network's weights. */
  weights(): Record<ParameterName, Float64Array>;
  /** Starts from given weights with a fresh optimizer. @throws ContractError when a length does not fit. */
  loadWeights(weights: QWeights): void;
}

/**
 * Makes the controller for a stack of `context.layers`; initial weights come from `context.random`.
 *
 * @throws InputError (`options-invalid`, `tie-map-invalid`)
 */
export function createQLearning(
  options: QLearningOptionsInput,
  context: ControllerContext,
): QLearningController {
  const { layers } = context;
  const asked = { controller: 'q-learning', schema: qLearningOptionsSchema, options, layers };
  return createFromOptions(asked, (parsed) => {
    assertBlocks(parsed.blocks, layers);
    return new QLearning(parsed, context);
  });
}

function assertBlocks(blocks: number | null, layers: number): void {
  if (blocks === null || blocks <= layers) return;
  throw new InputError('options-invalid', {
    asked: `Create the q-learning controller with blocks=${blocks}`,
    found: `a stack of ${layers} layers has no map of so many blocks`,
    todo: `Ask for 1 to ${layers} blocks`,
  });
}

/** Values of a whole map that are noted with a decision: more nobody reads, and notes are bounded. */
const MOST_VALUES = 8192;

class QLearning implements QLearningController {
  readonly #shape: MlpShape;
  readonly #layers: number;
  /** Draws the initial weights and, later, replay batches. */
  readonly #random: RandomStream;
  readonly #replay: ReplayBuffer | null;
  readonly #standardizer: Standardizer | null;
  /** The maps that are kept since exploration ended, by what they are about: `''` is whole blocks. */
  readonly #final = new Map<string, TieMap>();
  #learner: LearnerState;

  constructor(
    readonly options: QLearningOptions,
    { layers, random }: ControllerContext,
  ) {
    this.#layers = layers;
    this.#random = random;
    const { progress, replay, standardize, outputLayer, hidden, head } = options;
    this.#shape = { inputs: layers + (progress ? 1 : 0), hidden, outputs: headSize(head, layers) };
    this.#replay = replay && new ReplayBuffer(replay.capacity, layers, progress);
    this.#standardizer = standardize && new Standardizer(standardize.decay);
    const parameters = initialParameters(this.#shape, random);
    this.#learner = this.#fresh(outputLayer === 'zero' ? withoutOutput(parameters) : parameters);
  }

  decide(observation: Observation, random: RandomStream): Decision {
    const { layer, tieMap } = observation;
    if (layer === null) return { kind: 'keep' };
    if (isOver(observation.progress, this.options.until)) return this.#keep(observation);
    const epsilon = this.#epsilon(observation);
    const output = this.#output(observation);
    if (this.options.decide === 'layer') {
      const choice = chooseSource(output, layer, tieMap, epsilon, random, this.options);
      const values = sourceValues(output, layer, tieMap, this.options);
      return {
        kind: 'layer',
        layer,
        source: choice.source,
        notes: { explored: choice.explored, epsilon, values },
      };
    }
    let explored = false;
    const values: number[] = [];
    const map = buildMap(this.#layers, (each, roots) => {
      const choice = chooseSource(output, each, roots, epsilon, random, this.options);
      explored ||= choice.explored;
      if (values.length <= MOST_VALUES) {
        for (const value of sourceValues(output, each, roots, this.options)) values.push(value);
      }
      return choice.source;
    });
    const noted = values.length <= MOST_VALUES ? { values } : {};
    return { kind: 'map', tieMap: map, notes: { explored, epsilon, ...noted } };
  }

  learn(transition: Transition): LearningReport | undefined {
    const experience = this.#experience(transition);
    if (!experience) return undefined;
    this.#replay?.add(experience);
    const batch =
      this.#replay && this.options.replay
        ? this.#replay.sample(this.options.replay.batch, this.#random)
        : [experience];
    const report = update(this.#learner, this.#shape, batch, this.options);
    return {
      ...report,
      reward: experience.reward,
      clipped: Math.abs(transition.reward) > (this.options.rewardClip ?? Infinity) ? 1 : 0,
      epsilon: this.#epsilon(transition.observation),
      batch: batch.length,
      updates: this.#learner.updates,
    };
  }

  values(observation: Seen, layer: number): number[] {
    return sourceValues(this.#output(observation), layer, observation.tieMap, this.options);
  }

  weights(): Record<ParameterName, Float64Array> {
    return copyParameters(this.#learner.online);
  }

  loadWeights(weights: QWeights): void {
    this.#learner = this.#fresh(asParameters(weights as unknown as Snapshot, 'the weights', this.#shape));
  }

  snapshot(): Snapshot {
    const { online, target, moments, updates } = this.#learner;
    return {
      weights: copyParameters(online),
      target: target && copyParameters(target),
      moments: { m: copyParameters(moments.m), v: copyParameters(moments.v), step: moments.step },
      updates,
      replay: this.#replay?.snapshot() ?? null,
      random: this.#random.snapshot(),
      ...(this.#standardizer && { statistics: this.#standardizer.snapshot() }),
      ...(this.#final.size > 0 && {
        final: Object.fromEntries([...this.#final].map(([k, map]) => [k, [...map]])),
      }),
    };
  }

  restore(state: Snapshot): void {
    const saved = asRecord(state, 'the state');
    if (this.#standardizer && saved.statistics === undefined) throw fromBefore();
    const moments = asRecord(saved.moments, 'the moments');
    const parameters = (part: Snapshot | undefined, name: string) => asParameters(part, name, this.#shape);
    const learner: LearnerState = {
      online: parameters(saved.weights, 'the weights'),
      target: this.options.targetNetwork ? parameters(saved.target, 'the target network') : null,
      moments: {
        m: parameters(moments.m, 'the first moments'),
        v: parameters(moments.v, 'the second moments'),
        step: asCount(moments.step, 'the optimizer step'),
      },
      updates: asCount(saved.updates, 'the number of updates'),
    };
    const final = Object.entries(asRecord(saved.final ?? {}, 'the final map')).map(
      ([component, map]) => [component, asMap(map, this.#layers)] as const,
    );
    this.#replay?.restore(saved.replay ?? null);
    this.#standardizer?.restore(saved.statistics);
    this.#final.clear();
    for (const [component, map] of final) this.#final.set(component, map);
    this.#random.restore(saved.random ?? null);
    this.#learner = learner;
  }

  #fresh(parameters: Parameters): LearnerState {
    return learnerState(parameters, this.options.targetNetwork !== null);
  }

  /** Nothing is explored any more: the map that the values stand for, found once, and kept from then on. */
  #keep(observation: Observation): Decision {
    const { component, tieMap } = observation;
    const about = component ?? '';
    if (this.#final.has(about)) return { kind: 'keep' };
    // As at the end of exploration: beyond it nothing was learnt.
    const progress = Math.min(observation.progress, this.options.until ?? 1);
    const values = (state: TieMap): Float64Array => this.#output({ state, tieMap: state, progress });
    const map = finalMap(canonicalTieMap(tieMap), values, this.options);
    this.#final.set(about, map);
    return { kind: 'map', tieMap: [...map], notes: { explored: false, epsilon: 0 } };
  }

  #epsilon(observation: Observation): number {
    return epsilonAt(observation, this.options);
  }

  #output({ state, progress = 0 }: Seen): Float64Array {
    return forward(this.#learner.online, encodeState(state, progress, this.options)).output;
  }

  /** What there is to learn from; nothing when no layer decided. */
  #experience({ observation, decision, reward, next, terminated }: Transition): Experience | undefined {
    if (decision.kind === 'keep' || isOver(observation.progress, this.options.until)) return undefined;
    const clip = this.options.rewardClip ?? Infinity;
    const clipped = Math.max(-clip, Math.min(clip, reward));
    if (!Number.isFinite(clipped)) {
      throw new ContractError('reward-invalid', {
        asked: `Learn from window ${observation.window}`,
        found: `its reward is ${reward}`,
        todo: 'Check the training loss and the reward',
      });
    }
    const collapse = this.options.symmetry === 'collapse';
    const actions = new Array<number>(this.#layers).fill(-1);
    if (decision.kind === 'layer') {
      const { layer, source } = decision;
      actions[layer] = representative(layer, source, observation.tieMap, collapse);
    } else {
      const map = collapse ? canonicalTieMap(decision.tieMap) : decision.tieMap;
      for (let layer = 1; layer < this.#layers; layer += 1) actions[layer] = map[layer]!;
    }
    return {
      state: observation.state,
      actions,
      reward: this.#standardizer ? this.#standardizer.pass(clipped) : clipped,
      progress: observation.progress,
      nextProgress: next.progress,
      nextState: next.state,
      nextTieMap: next.tieMap,
      // After a whole map, every layer decides again.
      nextLayer: decision.kind === 'map' ? -1 : (next.layer ?? decision.layer),
      terminated: terminated || (this.options.terminal === 'sweep' && next.sweep !== observation.sweep),
    };
  }
}

function asMap(map: Snapshot | undefined, layers: number): TieMap {
  try {
    return assertTieMap(Array.from(map as ArrayLike<number>), layers);
  } catch {
    throw mismatch('the final map', 'no tie map of this stack');
  }
}

/** Defaults of before the repair are other options, and their networks have other inputs. */
const fromBefore = (): ContractError =>
  new ContractError('controller-state-mismatch', {
    asked: 'Restore the q-learning controller',
    found:
      'its state was saved without statistics of the rewards: the defaults of q-learning were others then',
    todo: 'Start the run anew, with preset=paper for the published settings; runs of the official options go on',
  });

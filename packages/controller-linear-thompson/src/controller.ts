/**
 * Thompson sampling over features of tie maps: Agrawal & Goyal, Thompson Sampling for Contextual Bandits with Linear
 * Payoffs, ICML 2013, arXiv 1209.3352; Russo, Van Roy, Kazerouni, Osband & Wen, A Tutorial on Thompson Sampling, 2018,
 * arXiv 1707.02038. How fast a model learns under a map is taken to be linear in what the map looks like, so that a map which
 * was never tried is known from those which look like it.
 *
 * A model that trains gets better whatever its map is, and much more so at the beginning. What all maps have in common is
 * estimated together with what they differ by, as more weights of the same regression.
 */
import { describeIssues, InputError } from '@ligature/core';
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
import { candidateMaps } from './candidates.js';
import { carryOf } from './carry.js';
import { featureTable, mean, trend } from './features.js';
import { linearThompsonOptionsSchema } from './options.js';
import type { LinearThompsonOptions, LinearThompsonOptionsInput } from './options.js';
import { observed, posterior, type Evidence, type Posterior, type Prior } from './posterior.js';
import { newState, readState, type State } from './state.js';

/** Weights of the trend are free: its size has nothing to do with that of the differences between maps. */
const TREND_SPREAD = 100;
const TRENDS = trend(0).length;
/** The guess of the noise is worth two observations. */
const PRIOR_A = 1;
/** Means nearer to each other than this, in the unit of the larger, are equal. */
const ROUNDING = 1e-12;

/**
 * Makes the controller for a stack of `context.layers`; a pool of maps that is not the whole one is drawn from
 * `context.random`.
 *
 * @throws InputError (`options-invalid`)
 */
export function createLinearThompson(
  options: LinearThompsonOptionsInput,
  context: ControllerContext,
): Controller {
  const parsed = linearThompsonOptionsSchema.safeParse(options);
  if (!parsed.success) throw invalid(describeIssues(parsed.error));
  const { layers, random, get } = context;
  const { blocks, carry } = parsed.data;
  if (blocks !== null && blocks > layers) throw invalid(`blocks: ${blocks}, but there are ${layers} layers`);
  const candidates = candidateMaps(parsed.data, layers, random);
  return new LinearThompson(parsed.data, layers, carryOf(carry, get), candidates);
}

function invalid(found: string): InputError {
  return new InputError('options-invalid', {
    asked: 'Create the linear-thompson controller',
    found,
    todo: 'See `ligature plugins linear-thompson` for what it takes; blocks is at most the number of layers',
  });
}

class LinearThompson implements Controller {
  #state: State;
  /** [candidates][features], standardised; follows from the candidates. */
  #features: number[][];

  constructor(
    private readonly options: LinearThompsonOptions,
    private readonly layers: number,
    private readonly carry: number,
    candidates: number[][],
  ) {
    this.#features = featureTable(candidates, options.features);
    this.#state = newState(candidates, weightsOf(this.#features));
  }

  initial(layers: number): number[] {
    return Array.from({ length: layers }, (_, layer) => layer);
  }

  /** Every window is about the whole map. */
  turn(window: number): { sweep: number; layer: null; component: null } {
    return { sweep: window, layer: null, component: null };
  }

  decide({ progress }: Observation, random: RandomStream): Decision {
    const { from, until, hold } = this.options;
    const state = this.#state;
    if (state.over || progress < from) return { kind: 'keep' };
    const known = this.#posterior();
    if (progress >= until) {
      state.over = true;
      return this.#take(
        this.#best(known.mean, state.current ?? random.integer(0, state.candidates.length)),
        false,
      );
    }
    if (state.current !== null && state.held < hold) return { kind: 'keep' };
    // Before anything is known all maps are worth the same on average, and the draw decides alone.
    const drawn = this.#best(known.draw(random), 0);
    return this.#take(drawn, drawn !== this.#best(known.mean, drawn));
  }

  learn({ reward, observation }: Transition): LearningReport | undefined {
    const state = this.#state;
    const { before } = state;
    const finite = Number.isFinite(reward);
    state.before = finite ? reward : null;
    if (state.current === null || state.over || state.held >= this.options.hold) return undefined;
    const settled = state.held >= state.settling;
    state.held += 1;
    // A window whose fall is not known is left out of the hold; the others stand for it.
    const fall = finite && before !== null ? reward - this.carry * before : undefined;
    if (fall !== undefined && settled) state.falls.push(fall);
    if (state.held === this.options.hold && state.falls.length > 0) this.#observe(observation.progress);
    return {
      candidate: state.current,
      observations: state.evidence.count,
      ...(fall !== undefined && { fall }),
    };
  }

  snapshot(): Snapshot {
    return structuredClone(this.#state);
  }

  restore(snapshot: Snapshot): void {
    const { features } = this.options;
    const isWhole = ({ candidates, evidence }: State): boolean =>
      isEvidence(evidence, weightsOf(featureTable(candidates, features)), this.options);
    this.#state = readState(snapshot, this.layers, isWhole);
    this.#features = featureTable(this.#state.candidates, features);
  }

  #posterior(): Posterior {
    return posterior(priorOf(weightsOf(this.#features), this.options), this.#state.evidence);
  }

  /** The candidate that the weights like best; `otherwise` where it is as good as that. */
  #best(weights: readonly number[], otherwise: number): number {
    const worth = this.#features.map((row) =>
      row.reduce((sum, feature, at) => sum + feature * weights[TRENDS + at]!, 0),
    );
    const most = Math.max(...worth);
    return worth[otherwise]! >= most - ROUNDING * Math.abs(most) ? otherwise : worth.indexOf(most);
  }

  /** Begins a hold. A map that is in force already changes nothing, so that nothing has to settle. */
  #take(candidate: number, explored: boolean): Decision {
    const state = this.#state;
    const settling = candidate === state.current ? 0 : this.options.settle;
    Object.assign(state, { current: candidate, held: 0, settling, falls: [] });
    return { kind: 'map', tieMap: [...state.candidates[candidate]!], notes: { explored } };
  }

  /** @param progress share of the budget that was spent when the last window of the hold opened */
  #observe(progress: number): void {
    const state = this.#state;
    const x = [...trend(progress), ...this.#features[state.current!]!];
    state.evidence = structuredClone(observed(state.evidence, x, mean(state.falls))) as State['evidence'];
  }
}

const weightsOf = (features: readonly (readonly number[])[]): number => TRENDS + features[0]!.length;

function priorOf(weights: number, { spread, noise }: LinearThompsonOptions): Prior {
  const variances = Array.from({ length: weights }, (_, at) =>
    at < TRENDS ? (TREND_SPREAD * spread) ** 2 : spread ** 2,
  );
  return { variances, a: PRIOR_A, b: PRIOR_A * noise ** 2 };
}

/** Whether a regression with so many weights could have seen this. */
function isEvidence(evidence: Evidence, weights: number, options: LinearThompsonOptions): boolean {
  const { products, moments } = evidence;
  if (moments.length !== weights || products.length !== weights ** 2) return false;
  try {
    const { mean, b } = posterior(priorOf(weights, options), evidence);
    return [...mean, b].every(Number.isFinite);
  } catch {
    return false;
  }
}

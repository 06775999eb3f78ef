/**
 * The update: regress Q(s)[a] towards r + gamma * max Q(s')[·] by one AdamW step on the mean squared error.
 *
 * One decided layer (a `layer` decision): the maximum is over the slice of the layer that decides next
 * (`next-layer`) or of the same layer (`same-layer`, the official code). Every layer decided (a `map` decision):
 * each layer is a branch of its own, in the manner of Tavakoli et al. 2018: its slice is updated with the shared
 * reward plus its own best next value, and the loss is the mean over the branches.
 */
import { adamWState, adamWStep } from './adamw.js';
import type { AdamWState } from './adamw.js';
import type { Experience } from './experience.js';
import { sliceStart } from './head.js';
import { accumulateGradient, forward, zeroParameters } from './mlp.js';
import type { MlpShape, Parameters } from './mlp.js';
import type { QLearningOptions } from './presets.js';
import { buildMap, greedySource } from './policy.js';
import { copyParameters } from './snapshot.js';

export interface UpdateReport {
  /** Mean of Q(s)[a] before the update. */
  readonly predicted: number;
  readonly target: number;
  /** Mean squared error before the update. */
  readonly loss: number;
}

/** What the update changes. */
export interface LearnerState {
  online: Parameters;
  /** `null` without a target network. */
  target: Parameters | null;
  moments: AdamWState;
  updates: number;
}

export function learnerState(online: Parameters, withTarget: boolean): LearnerState {
  return {
    online,
    target: withTarget ? copyParameters(online) : null,
    moments: adamWState(online),
    updates: 0,
  };
}

/** What the network reads: [layers] numbers, and behind them the share of the budget that is spent, if it is to. */
export function encodeState(
  state: readonly number[],
  spent: number,
  { stateEncoding, progress }: Pick<QLearningOptions, 'stateEncoding' | 'progress'>,
): Float64Array {
  const scale = stateEncoding === 'raw' ? 1 : 1 / Math.max(1, state.length - 1);
  const input = Float64Array.from(progress ? [...state, 0] : state, (source) => source * scale);
  if (progress) input[state.length] = spent;
  return input;
}

/** One update, in place, from one experience or a batch of them. */
export function update(
  learner: LearnerState,
  shape: MlpShape,
  batch: readonly Experience[],
  options: QLearningOptions,
): UpdateReport {
  const rows = batch.map((experience) => ({
    activations: forward(learner.online, encodeState(experience.state, experience.progress, options)),
    targets: targetsOf(learner, experience, options),
  }));
  const count = rows.reduce((sum, { targets }) => sum + targets.length, 0);
  const gradient = zeroParameters(shape);
  const report = { predicted: 0, target: 0, loss: 0 };
  for (const { activations, targets } of rows) {
    const outputGradient = targets.map(({ index, target }) => {
      const predicted = activations.output[index]!;
      const error = predicted - target;
      report.predicted += predicted / count;
      report.target += target / count;
      report.loss += (error * error) / count;
      return [index, (2 * error) / count] as const;
    });
    accumulateGradient(learner.online, activations, outputGradient, gradient);
  }
  adamWStep(learner.online, gradient, learner.moments, options);
  learner.updates += 1;
  if (options.targetNetwork && learner.updates % options.targetNetwork.every === 0) {
    learner.target = copyParameters(learner.online);
  }
  return report;
}

interface Target {
  /** Output of the network that stands for the action taken. */
  readonly index: number;
  readonly target: number;
}

function targetsOf(learner: LearnerState, experience: Experience, options: QLearningOptions): Target[] {
  const { actions, nextLayer, reward } = experience;
  const decided = actions.flatMap((source, layer) => (source >= 0 ? [{ layer, source }] : []));
  const bootstrap = nextValues(learner, experience, options);
  const next = (layer: number): number => {
    if (nextLayer < 0) return bootstrap(layer);
    return bootstrap(options.bootstrap === 'same-layer' ? layer : nextLayer);
  };
  return decided.map(({ layer, source }) => ({
    index: sliceStart(options.head, layer) + source,
    target: experience.terminated ? reward : reward + options.gamma * next(layer),
  }));
}

/** The value of the best next action of a layer. */
function nextValues(
  learner: LearnerState,
  { nextState, nextTieMap, nextLayer, nextProgress }: Experience,
  options: QLearningOptions,
): (layer: number) => number {
  const input = encodeState(nextState, nextProgress, options);
  const judged = forward(learner.target ?? learner.online, input).output;
  // Double Q (van Hasselt 2016): the online network chooses, the target network judges.
  const chosen = options.doubleQ ? forward(learner.online, input).output : judged;
  // When every layer decides, a layer's next action is seen in the map that the earlier layers' next actions make.
  const map =
    nextLayer < 0
      ? buildMap(nextState.length, (layer, roots) => greedySource(chosen, layer, roots, options))
      : null;
  return (layer) => {
    const source = map ? map[layer]! : greedySource(chosen, layer, nextTieMap, options);
    return judged[sliceStart(options.head, layer) + source]!;
  };
}

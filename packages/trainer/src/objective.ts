/** Model, head and task as the one function that training differentiates, adapters around them. */
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '@ligature/core';
import type {
  Adapter,
  BatchShape,
  Head,
  HeadSpec,
  Model,
  ModelCost,
  Objective,
  ParameterSpec,
  ParameterView,
  Task,
} from '@ligature/core';

export interface ObjectiveParts {
  readonly model: Model;
  readonly head: Head;
  readonly task: Pick<Task, 'loss' | 'score' | 'scores'>;
  /** Inner first. */
  readonly adapters?: readonly Adapter[];
}

/**
 * The head that a task asks a model for.
 *
 * @throws InputError (`head-missing`) naming the heads that the model has
 */
export function headOf(model: Model, { kind, outputs }: HeadSpec): Head {
  const make = Object.hasOwn(model.heads, kind) ? model.heads[kind] : undefined;
  if (make) return make(outputs);
  throw new InputError('head-missing', {
    asked: `Learn a task with a head for ${kind} on the model "${model.name}"`,
    found: `it has ${Object.keys(model.heads).join(', ') || 'no heads'}`,
    todo: 'Choose another model or another task',
  });
}

export function createObjective({ model, head, task, adapters = [] }: ObjectiveParts): Objective {
  let parameters: readonly ParameterSpec[] = [...model.parameters, ...head.parameters];
  const wrapped = adapters.map((adapter) => {
    const made = adapter.wrap(parameters);
    parameters = made.parameters;
    return made;
  });
  // The outermost adapter reads the registry's view, the model that of the innermost one.
  const adapted = (view: ParameterView): ParameterView =>
    wrapped.reduceRight((inner, adapter) => adapter.view(inner), view);
  const { hidden, fromPublished } = model;
  return {
    name: model.name,
    layers: model.layers,
    parameters,
    blockParameterName: (layer, name) => model.blockParameterName(layer, name),
    ...(fromPublished && { fromPublished: (file) => fromPublished.call(model, file) }),
    stochastic: model.stochastic || head.stochastic === true,
    scores: task.scores,
    loss: (view, batch, mode) =>
      tf.tidy(() => {
        const own = adapted(view);
        return task.loss(head.project(own, model.encode(own, batch, mode), batch, mode), batch);
      }),
    score: (view, batch) =>
      tf.tidy(() => {
        const own = adapted(view);
        const mode = { training: false };
        return task.score(head.project(own, model.encode(own, batch, mode), batch, mode), batch);
      }),
    ...(hidden && { hidden: (view, batch) => hidden.call(model, adapted(view), batch) }),
    cost: (shape) =>
      wrapped.reduce((cost, adapter) => adapter.cost?.(cost, shape) ?? cost, wholeCost(model, head, shape)),
  };
}

/** A weight that both model and head multiply with costs both products. */
function wholeCost(model: Model, head: Head, shape: BatchShape): ModelCost {
  const cost = model.cost(shape);
  const added = head.cost(shape);
  const weightFlops: Record<string, number> = { ...cost.weightFlops };
  for (const [name, flops] of Object.entries(added.weightFlops)) {
    weightFlops[name] = (weightFlops[name] ?? 0) + flops;
  }
  return {
    ...cost,
    weightFlops,
    globalActivationBytes: cost.globalActivationBytes + added.activationBytes,
  };
}

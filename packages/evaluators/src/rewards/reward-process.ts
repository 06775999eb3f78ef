/** Measures the reward of each window when it closes, and publishes it for whoever learns. */
// core first: it loads the reflection polyfill that tsyringe wants to find.
import { InputError, LigatureError, nearestName, TOKENS } from '@ligature/core';
import type {
  EventBus,
  MetricSpec,
  ProbeMeasurement,
  Publish,
  Reward,
  RewardMeasurement,
  Snapshot,
  Snapshotable,
  Task,
  WindowClosed,
} from '@ligature/core';
import { inject, injectable } from 'tsyringe';

@injectable()
export class RewardProcess implements Snapshotable {
  /**
   * @param probe measures on the probe batches of a window; called once per window at most, and not at all for a reward
   *   that does not ask for it
   */
  constructor(
    @inject(TOKENS.bus) private readonly bus: EventBus,
    @inject(TOKENS.reward) private readonly reward: Reward,
    @inject(TOKENS.probe) private readonly probe: (window: number) => Promise<ProbeMeasurement>,
    @inject(TOKENS.task) private readonly task: Pick<Task, 'name' | 'metrics'>,
    /** Once it says so, nothing is measured any more. Left out: never. */
    @inject(TOKENS.tyingIsOver, { isOptional: true }) private readonly isOver: () => boolean = () => false,
  ) {}

  /** Adds its handler to the bus; returns a function that removes it. */
  attach(): () => void {
    return this.bus.handle({
      type: 'window.closed',
      phase: 'measure',
      name: 'reward',
      handle: (event, publish) => this.#measure(event, publish),
    });
  }

  /** It remembers nothing from window to window; the reward may. */
  snapshot(): Snapshot {
    return this.reward.snapshot();
  }

  restore(state: Snapshot): void {
    this.reward.restore(state);
  }

  async #measure({ window, losses }: WindowClosed, publish: Publish): Promise<void> {
    if (this.isOver()) return;
    let measured: Promise<ProbeMeasurement> | undefined;
    const measure = (): Promise<ProbeMeasurement> => (measured ??= this.probe(window));
    const measurement = await this.reward.measure({
      window,
      losses,
      heldOutLoss: async () => (await measure()).loss,
      heldOutMetric: async (name) => {
        const metric = metricOf(this.task, name);
        return { metric, value: (await measure()).metrics[metric.name] ?? Number.NaN };
      },
    });
    const { reward, raw, saturated } = measurement;
    assertFinite(window, measurement);
    // A reward may have asked and not have waited: what was begun is paid for.
    const cost = (await measured)?.cost;
    publish({ type: 'reward.measured', window, reward, raw, saturated, ...cost });
  }
}

/** @throws InputError (`metric-unknown`) */
function metricOf({ name: task, metrics }: Pick<Task, 'name' | 'metrics'>, name?: string): MetricSpec {
  const found = name === undefined ? metrics[0] : metrics.find((one) => one.name === name);
  if (found) return found;
  const known = metrics.map((one) => one.name);
  const nearest = name === undefined ? undefined : nearestName(name, known);
  throw new InputError('metric-unknown', {
    asked: `Reward the metric "${name ?? ''}"`,
    found: `the task "${task}" has ${known.join(', ') || 'no metrics'}`,
    todo: nearest === undefined ? 'Name one of these' : `Did you mean "${nearest}"?`,
  });
}

/** Infinities and NaN would teach a controller nonsense, and an event log could not hold them. */
function assertFinite(window: number, { reward, raw }: RewardMeasurement): void {
  if (Number.isFinite(reward) && Number.isFinite(raw)) return;
  throw new LigatureError('reward-not-finite', {
    asked: `Measure the reward of window ${window}`,
    found: `it is ${reward} (${raw} before clipping)`,
    todo: 'Check whether the training diverged, or use a reward that stays finite',
  });
}

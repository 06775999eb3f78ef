/** Measures the reward of each window when it closes, and publishes it for whoever learns. */
// core first: it loads the reflection polyfill that tsyringe wants to find.
import { LigatureError, TOKENS } from '@ligature/core';
import type {
  EventBus,
  Publish,
  Reward,
  RewardMeasurement,
  Snapshot,
  Snapshotable,
  WindowClosed,
} from '@ligature/core';
import { inject, injectable } from 'tsyringe';

@injectable()
export class RewardProcess implements Snapshotable {
  /**
   * @param heldOutLoss mean cross-entropy in nats on the probe batches of a window; called once per window at
   * most, and not at all for a reward that does not ask for it.
   */
  constructor(
    @inject(TOKENS.bus) private readonly bus: EventBus,
    @inject(TOKENS.reward) private readonly reward: Reward,
    @inject(TOKENS.heldOutLoss) private readonly heldOutLoss: (window: number) => Promise<number>,
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
    let measured: Promise<number> | undefined;
    const measurement = await this.reward.measure({
      window,
      losses,
      heldOutLoss: () => (measured ??= this.heldOutLoss(window)),
    });
    const { reward, raw, saturated } = measurement;
    assertFinite(window, measurement);
    publish({ type: 'reward.measured', window, reward, raw, saturated });
  }
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

/**
 * Between the bus, a controller and the registry: when a window opens it asks for a decision and applies it, when
 * its reward is known it hands over the transition. Neither side knows the other.
 */
// core first: it loads the reflection polyfill that tsyringe wants to find.
import {
  sweepPosition,
  TOKENS,
  type Controller,
  type Decision,
  type EventBus,
  type Observation,
  type Publish,
  type RandomStreams,
  type RewardMeasured,
  type RunConfig,
  type Snapshot,
  type Snapshotable,
  type WindowOpened,
} from '@ligature/core';
import { inject, injectable } from 'tsyringe';
import type { WeightRegistry } from '../registry/weight-registry.js';
import { checkDecision, deepFreeze } from './check-decision.js';
import { packTyingState, readTyingState, type Pending } from './tying-state.js';

const NAME = 'tying';

@injectable()
export class TyingProcess implements Snapshotable {
  #pending: Pending | undefined;
  #losses: number[] = [];
  #lossesOf: number | undefined;
  #step = 0;
  #truncated = false;

  constructor(
    @inject(TOKENS.bus) private readonly bus: EventBus,
    @inject(TOKENS.controller) private readonly controller: Controller,
    @inject(TOKENS.registry) private readonly registry: WeightRegistry,
    @inject(TOKENS.streams) private readonly streams: RandomStreams,
    /** For the ledger of `tying.applied`. */
    @inject(TOKENS.batchShape)
    private readonly batchShape: { readonly batch: number; readonly context: number },
    /** For errors: the controller's name. */
    @inject(TOKENS.config)
    private readonly config: { readonly controller: Pick<RunConfig['controller'], 'name'> },
  ) {}

  /** Adds its handlers to the bus; returns a function that removes them. */
  attach(): () => void {
    const detach = [
      this.bus.handle({
        type: 'window.opened',
        phase: 'decide',
        name: NAME,
        handle: (event, publish) => this.#decide(event, publish),
      }),
      this.bus.handle({
        type: 'step.completed',
        phase: 'observe',
        name: NAME,
        handle: ({ window, loss }) => {
          if (this.#lossesOf !== window) this.#losses = [];
          this.#lossesOf = window;
          this.#losses.push(loss);
        },
      }),
      this.bus.handle({
        type: 'window.closed',
        phase: 'observe',
        name: NAME,
        handle: ({ step, truncated }) => {
          this.#step = step;
          this.#truncated = truncated;
        },
      }),
      this.bus.handle({
        type: 'reward.measured',
        phase: 'learn',
        name: NAME,
        handle: (event, publish) => this.#learn(event, publish),
      }),
    ];
    return () => detach.forEach((remove) => remove());
  }

  /** Whatever decides what controllers see next, the open window's decision included. */
  snapshot(): Snapshot {
    return packTyingState({
      pending: this.#pending ?? null,
      losses: this.#losses,
      lossesOf: this.#lossesOf ?? null,
      step: this.#step,
      truncated: this.#truncated,
    });
  }

  /** @throws ContractError (`tying-state-invalid`) */
  restore(state: Snapshot): void {
    const saved = readTyingState(state, this.registry.model.layers);
    this.#pending = saved.pending ?? undefined;
    this.#losses = [...saved.losses];
    this.#lossesOf = saved.lossesOf ?? undefined;
    this.#step = saved.step;
    this.#truncated = saved.truncated;
  }

  async #decide(event: WindowOpened, publish: Publish): Promise<void> {
    this.#pending = undefined;
    if (!this.controller.decide) return;
    const { window } = event;
    const observation = this.#observe(window, event.step);
    const answer = await this.controller.decide(observation, this.streams.stream('policy'));
    const decision = checkDecision(answer, observation, this.config.controller.name);
    publish({
      type: 'tying.decided',
      window,
      layer: decision.kind === 'map' ? null : observation.layer,
      source: decision.kind === 'layer' ? decision.source : null,
      kind: decision.kind,
      notes: decision.notes ?? {},
    });
    const change = this.registry.apply(decision);
    const ledger = this.registry.ledger(this.batchShape.batch, this.batchShape.context);
    publish({ type: 'tying.applied', window, ...change, ledger });
    this.#pending = { observation, decision };
  }

  async #learn(event: RewardMeasured, publish: Publish): Promise<void> {
    const pending = this.#pending;
    if (!pending || pending.observation.window !== event.window) return;
    this.#pending = undefined;
    const report = await this.controller.learn?.({
      ...pending,
      reward: event.reward,
      next: this.#observe(event.window + 1, this.#step),
      terminated: false,
      truncated: this.#truncated,
    });
    if (report) publish({ type: 'controller.learned', window: event.window, report: { ...report } });
  }

  /** @param window the window that a decision would open now, @param step training steps done */
  #observe(window: number, step: number): Observation {
    const { layers } = this.registry.model;
    return deepFreeze({
      window,
      ...sweepPosition(window, layers),
      step,
      layers,
      tieMap: [...this.registry.tieMap],
      state: [...this.registry.state],
      recentLosses: [...this.#losses],
    });
  }
}

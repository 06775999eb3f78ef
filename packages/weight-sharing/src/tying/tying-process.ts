/**
 * Between the bus, a controller and the registry: when a window opens it finds out whose turn it is, asks for a decision
 * and applies it; when its reward is known it hands over the transition. Neither side knows the other.
 *
 * Controllers are plug-ins and may misbehave: throw, not answer in time, decide nonsense. `tying.onMisbehaviour` says
 * whether that stops the run, or is published as `controller.failed` and the map stays as it is.
 */
// core first: it loads the reflection polyfill that tsyringe wants to find.
import {
  deepFreeze,
  measuredFields,
  TOKENS,
  type Decision,
  type EventBus,
  type Ledger,
  type Measured,
  type MeasurementOrder,
  type Observation,
  type Publish,
  type RewardMeasured,
  type Snapshot,
  type Snapshotable,
  type TieMap,
  type WindowOpened,
} from '@ligature/core';
import { inject, injectable } from 'tsyringe';
import { wholeBlocks } from '../registry/assert-tie.js';
import type { WeightRegistry } from '../registry/weight-registry.js';
import { CheckedController } from './checked-controller.js';
import type { Call } from './controller-calls.js';
import { packTyingState, readTyingState, type Pending } from './tying-state.js';

const NAME = 'tying';

@injectable()
export class TyingProcess implements Snapshotable {
  #pending: Pending | undefined;
  #losses: number[] = [];
  #lossesOf: number | undefined;
  #step = 0;
  #progress = 0;
  #truncated = false;
  /** Decisions that are still asked for once `tying.until` is reached; `undefined` before. */
  #turnsLeft: number | undefined;

  /** @throws InputError (`component-unknown`) when components are to be decided on that are tied as whole blocks */
  constructor(
    @inject(TOKENS.bus) private readonly bus: EventBus,
    @inject(CheckedController) private readonly controller: CheckedController,
    @inject(TOKENS.registry) private readonly registry: WeightRegistry,
    @inject(TOKENS.ledger) private readonly ledger: () => Ledger,
    /** Without it controllers that ask for a measurement decide without one. */
    @inject(TOKENS.measure, { isOptional: true })
    private readonly measure?: (order: MeasurementOrder) => Promise<Measured>,
  ) {
    const fixed = registry.options.components.find((one) => !registry.decidable.includes(one));
    if (this.#byComponent && fixed !== undefined) throw wholeBlocks(fixed);
  }

  /** Whether the last decision under `tying.until` was made: the map stays, and nobody waits for a reward any more. */
  get isOver(): boolean {
    return this.#turnsLeft === 0;
  }

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
        handle: ({ step, progress, truncated }, publish) => {
          this.#reportLate(publish);
          this.#step = step;
          this.#progress = progress ?? this.#progress;
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
    return () => {
      this.controller.abandon();
      detach.forEach((remove) => remove());
    };
  }

  /** Whatever decides what controllers see next, the open window's decision included. */
  snapshot(): Snapshot {
    return packTyingState({
      pending: this.#pending ?? null,
      losses: this.#losses,
      lossesOf: this.#lossesOf ?? null,
      step: this.#step,
      progress: this.#progress,
      truncated: this.#truncated,
      ...(this.isOver && { over: true }),
      ...(this.#turnsLeft ? { turnsLeft: this.#turnsLeft } : {}),
    });
  }

  /** @throws ContractError (`tying-state-invalid`) */
  restore(state: Snapshot): void {
    const { stack, options, decidable } = this.registry;
    const saved = readTyingState(state, {
      layers: stack.layers,
      components: options.components,
      decidable,
    });
    this.#pending = saved.pending ?? undefined;
    this.#losses = [...saved.losses];
    this.#lossesOf = saved.lossesOf ?? undefined;
    this.#step = saved.step;
    this.#progress = saved.progress;
    this.#truncated = saved.truncated;
    this.#turnsLeft = saved.over ? 0 : saved.turnsLeft;
  }

  async #decide(event: WindowOpened, publish: Publish): Promise<void> {
    this.#pending = undefined;
    this.#progress = event.progress ?? this.#progress;
    if (!this.controller.decides) return;
    this.#reportLate(publish);
    if (this.isOver) return;
    this.#countTurns();
    await this.#ask(event, publish);
    if (this.isOver) this.#freeze(event, publish);
  }

  /**
   * The first window at or after `tying.until` is still decided on, so that a controller whose own schedule ends at the
   * same share may finish it; where components have turns of their own, one window for each of them.
   */
  #countTurns(): void {
    const { until } = this.controller.settings.tying;
    // Latched: a budget of seconds, say, could seem less spent again after a resume.
    if (this.#turnsLeft === undefined && until < 1 && this.#progress >= until) {
      this.#turnsLeft = this.#byComponent ? this.registry.decidable.length : 1;
    }
    if (this.#turnsLeft !== undefined) this.#turnsLeft -= 1;
  }

  async #ask({ window, step }: WindowOpened, publish: Publish): Promise<void> {
    const misbehaved = (error: unknown): undefined => this.#misbehaved(error, 'decide', window, publish);
    const asked = await this.#wants(window, step).catch(misbehaved);
    if (!asked) return;
    // Outside of what the controller is blamed for: a model that cannot be measured is none of its faults.
    const observation = await this.#measured(asked.observation, asked.wanted, publish);
    const decision = await this.controller.decide(observation, this.registry.decidable).catch(misbehaved);
    if (!decision) return;
    this.#apply(observation, decision, publish);
    // Of the last decision no reward is measured.
    if (!this.isOver) this.#pending = { observation, decision };
  }

  #freeze({ window, step }: WindowOpened, publish: Publish): void {
    publish({ type: 'tying.frozen', window, step, tieMap: [...this.registry.tieMap], ...this.#apart() });
  }

  async #wants(
    window: number,
    step: number,
  ): Promise<{ readonly observation: Observation; readonly wanted: MeasurementOrder | undefined }> {
    const observation = this.#observe('decide', window, step);
    return { observation, wanted: await this.controller.wants(observation) };
  }

  /** The observation with what was asked for, as it also goes into the log. */
  async #measured(
    observation: Observation,
    order: MeasurementOrder | undefined,
    publish: Publish,
  ): Promise<Observation> {
    if (!order || !this.measure) return observation;
    const { window, layers } = observation;
    const made = await this.measure(order);
    publish({ type: 'layers.measured', window, layers, ...measuredFields(made) });
    return deepFreeze({ ...observation, measured: structuredClone(made.measurement) });
  }

  #apply(observation: Observation, decision: Decision, publish: Publish): void {
    const { window, sweep, layer } = observation;
    const named = decision.kind === 'keep' ? undefined : decision.component;
    const component = named ?? observation.component;
    publish({
      type: 'tying.decided',
      window,
      sweep,
      layer: decision.kind === 'map' ? null : layer,
      component,
      source: decision.kind === 'layer' ? decision.source : null,
      kind: decision.kind,
      notes: decision.notes ?? {},
    });
    const whole = decision.kind === 'keep' || component === null;
    const change = this.registry.apply(whole ? decision : { ...decision, component });
    publish({
      type: 'tying.applied',
      window,
      ...change,
      ...this.#apart(),
      ledger: this.ledger(),
    });
  }

  /** The maps of the components, where they may differ. */
  #apart(): { readonly tieMaps?: Readonly<Record<string, TieMap>> } {
    const { tieMaps } = this.registry;
    return this.#byComponent || !allEqual(Object.values(tieMaps)) ? { tieMaps } : {};
  }

  async #learn(event: RewardMeasured, publish: Publish): Promise<void> {
    this.#reportLate(publish);
    const pending = this.#pending;
    const { window, reward } = event;
    if (!pending || pending.observation.window !== window) return;
    this.#pending = undefined;
    const learn = async () =>
      this.controller.learn({
        ...pending,
        reward,
        next: this.#observe('learn', window + 1, this.#step),
        terminated: false,
        truncated: this.#truncated,
      });
    const report = await learn().catch((error: unknown) => this.#misbehaved(error, 'learn', window, publish));
    if (report) publish({ type: 'controller.learned', window, report });
  }

  /** Throws `error` again, or says that it happened and lets the run go on, as the configuration has it. */
  #misbehaved(error: unknown, call: Call['name'], window: number, publish: Publish): undefined {
    if (!this.controller.forgives(error)) throw error;
    const { code, message } = error;
    publish({ type: 'controller.failed', window, controller: this.controller.name, call, code, message });
    return undefined;
  }

  /** At fixed places in the order of events, although such answers come at any time. */
  #reportLate(publish: Publish): void {
    const controller = this.controller.name;
    for (const { call, code, message } of this.controller.takeLate()) {
      const { window, name } = call;
      publish({ type: 'controller.failed', window, controller, call: name, code, message });
    }
  }

  get #byComponent(): boolean {
    return this.controller.settings.tying.decide === 'components';
  }

  /**
   * @param call what the observation is for
   * @param window the window that a decision would open now
   * @param step training steps done
   */
  #observe(call: Call['name'], window: number, step: number): Observation {
    const { registry } = this;
    const { layers } = registry.stack;
    const turn = this.controller.turn(call, window, { layers, components: registry.decidable });
    const map = turn.component === null ? undefined : registry.tieMapOf(turn.component);
    return deepFreeze({
      window,
      ...turn,
      step,
      progress: this.#progress,
      layers,
      tieMap: [...(map ?? registry.tieMap)],
      tieMaps: registry.tieMaps,
      state: [...(map ?? registry.state)],
      recentLosses: [...this.#losses],
    });
  }
}

const allEqual = (maps: readonly TieMap[]): boolean => new Set(maps.map((map) => map.join())).size <= 1;

/**
 * Between the bus, a controller and the registry: when a window opens it asks for a decision and applies it, when
 * its reward is known it hands over the transition. Neither side knows the other.
 *
 * Controllers are plug-ins and may misbehave: throw, not answer in time, decide nonsense. `tying.onMisbehaviour` says
 * whether that stops the run, or is published as `controller.failed` and the map stays as it is.
 */
// core first: it loads the reflection polyfill that tsyringe wants to find.
import {
  ContractError,
  deepFreeze,
  sweepPosition,
  TOKENS,
  type Controller,
  type Decision,
  type EventBus,
  type LearningReport,
  type Observation,
  type Publish,
  type RandomStreams,
  type RewardMeasured,
  type RunConfig,
  type SimilarityKind,
  type Snapshot,
  type Snapshotable,
  type Transition,
  type WindowOpened,
} from '@ligature/core';
import { inject, injectable } from 'tsyringe';
import type { WeightRegistry } from '../registry/weight-registry.js';
import { checkDecision } from './check-decision.js';
import { checkReport } from './check-report.js';
import { checkWanted } from './check-wanted.js';
import { ControllerCalls, type Call } from './controller-calls.js';
import { lendStream } from './lend-stream.js';
import { describe } from './plain-data.js';
import { packTyingState, readTyingState, type Pending } from './tying-state.js';

const NAME = 'tying';

@injectable()
export class TyingProcess implements Snapshotable {
  #pending: Pending | undefined;
  #losses: number[] = [];
  #lossesOf: number | undefined;
  #step = 0;
  #truncated = false;
  readonly #calls: ControllerCalls;

  constructor(
    @inject(TOKENS.bus) private readonly bus: EventBus,
    @inject(TOKENS.controller) private readonly controller: Controller,
    @inject(TOKENS.registry) private readonly registry: WeightRegistry,
    @inject(TOKENS.streams) private readonly streams: RandomStreams,
    /** For the ledger of `tying.applied`. */
    @inject(TOKENS.batchShape)
    private readonly batchShape: { readonly batch: number; readonly context: number },
    @inject(TOKENS.config)
    private readonly config: {
      readonly controller: Pick<RunConfig['controller'], 'name'>;
      readonly tying: Pick<RunConfig['tying'], 'timeoutSeconds' | 'onMisbehaviour'>;
    },
    /** Without it controllers that ask for a measurement decide without one. */
    @inject(TOKENS.similarity, { isOptional: true })
    private readonly similarity?: (kind: SimilarityKind) => Promise<readonly (readonly number[])[]>,
  ) {
    this.#calls = new ControllerCalls(config.tying.timeoutSeconds);
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
        handle: ({ step, truncated }, publish) => {
          this.#reportLate(publish);
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
    return () => {
      this.#calls.abandon();
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
    this.#reportLate(publish);
    const { window } = event;
    const misbehaved = (error: unknown): undefined => this.#misbehaved(error, 'decide', window, publish);
    const bare = this.#observe(window, event.step);
    const wanted = await this.#wants(bare).catch(misbehaved);
    if (!wanted) return;
    // Outside of what the controller is blamed for: a model that cannot be measured is none of its faults.
    const observation = await this.#measured(bare, wanted.kind, publish);
    const decision = await this.#ask(observation).catch(misbehaved);
    if (!decision) return;
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

  async #wants(observation: Observation): Promise<{ readonly kind: SimilarityKind | undefined }> {
    if (!this.controller.wants) return { kind: undefined };
    const { window } = observation;
    const { name } = this.config.controller;
    const asked = `Ask the controller "${name}" what it wants measured in window ${window}`;
    const answer: unknown = await this.#calls.make({ name: 'decide', window, asked }, () =>
      this.controller.wants?.(observation),
    );
    return { kind: checkWanted(answer, window, name) };
  }

  /** The observation with what was asked for, as it also goes into the log. */
  async #measured(
    observation: Observation,
    kind: SimilarityKind | undefined,
    publish: Publish,
  ): Promise<Observation> {
    if (!kind || !this.similarity) return observation;
    const { window, layers } = observation;
    const matrix = (await this.similarity(kind)).map((row) => [...row]);
    const values = matrix.flatMap((row, layer) => row.slice(layer + 1));
    publish({ type: 'similarity.measured', window, kind, layers, values });
    return deepFreeze({ ...observation, similarity: { kind, matrix } });
  }

  async #ask(observation: Observation): Promise<Decision> {
    const { window, layer } = observation;
    const { name } = this.config.controller;
    const about = layer === null ? '' : ` on layer ${layer}`;
    const asked = `Ask the controller "${name}" for a decision${about} in window ${window}`;
    const loan = lendStream(this.streams.stream('policy'));
    try {
      const answer: unknown = await this.#calls.make({ name: 'decide', window, asked }, () =>
        this.controller.decide?.(observation, loan.stream),
      );
      return checkDecision(answer, observation, name);
    } catch (error) {
      // How much a late controller had drawn by then is a matter of time, and must not decide what others draw.
      if (codeOf(error) === 'controller-late') loan.undo();
      else loan.end();
      throw error;
    }
  }

  async #learn(event: RewardMeasured, publish: Publish): Promise<void> {
    this.#reportLate(publish);
    const pending = this.#pending;
    const { window, reward } = event;
    if (!pending || pending.observation.window !== window) return;
    this.#pending = undefined;
    const report = await this.#tell({
      ...pending,
      reward,
      next: this.#observe(window + 1, this.#step),
      terminated: false,
      truncated: this.#truncated,
    }).catch((error: unknown) => this.#misbehaved(error, 'learn', window, publish));
    if (report) publish({ type: 'controller.learned', window, report });
  }

  async #tell(transition: Transition): Promise<LearningReport | undefined> {
    const { window } = transition.observation;
    const { name } = this.config.controller;
    const asked = `Tell the controller "${name}" what came of its decision ${describe(transition.decision)} in window ${window}`;
    const answer: unknown = await this.#calls.make({ name: 'learn', window, asked }, () =>
      this.controller.learn?.(Object.freeze(transition)),
    );
    return checkReport(answer, window, name);
  }

  /** Throws `error` again, or says that it happened and lets the run go on, as the configuration has it. */
  #misbehaved(error: unknown, call: Call['name'], window: number, publish: Publish): undefined {
    const code = codeOf(error);
    const abandoned = code?.endsWith('-abandoned') === true;
    if (this.config.tying.onMisbehaviour === 'stop' || code === undefined || abandoned) throw error;
    const { message } = error as ContractError;
    publish({
      type: 'controller.failed',
      window,
      controller: this.config.controller.name,
      call,
      code,
      message,
    });
    return undefined;
  }

  /** At fixed places in the order of events, although such answers come at any time. */
  #reportLate(publish: Publish): void {
    const controller = this.config.controller.name;
    for (const { call, code, message } of this.#calls.takeLate()) {
      const { window, name } = call;
      publish({ type: 'controller.failed', window, controller, call: name, code, message });
    }
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

const codeOf = (error: unknown): string | undefined =>
  error instanceof ContractError ? error.code : undefined;

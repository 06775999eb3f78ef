/**
 * The loop over windows: it publishes what happens and otherwise only trains. It knows no controller: a tie map
 * changes because a handler of `window.opened` changed the registry.
 */
// core first: it loads the reflection polyfill that tsyringe wants to find.
import { ContractError, isOurs, thrownMessage, TOKENS } from '@ligature/core';
import type {
  BestStep,
  EventBus,
  Ledger,
  LigatureEvent,
  MeasuringCost,
  Metrics,
  ParameterView,
  Snapshot,
  Snapshotable,
  SplitName,
} from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import { inject, injectable } from 'tsyringe';
import { BestSoFar } from './best-step.js';
import { Budget, uncounted } from './budget.js';
import { asJson, diverged, MOST_ROLLBACKS } from './divergence.js';
import { parseLoopState } from './loop-state.js';
import { checkpointPath, scheduleOf, TRAINER_TOKENS } from './options.js';
import type { Checkpoints, Evaluate, TrainerOptions } from './options.js';
import { learningRateAt } from './schedule.js';
import { TrainingSteps } from './training-steps.js';

export interface TrainingResult {
  /** `stopped`: the signal ended the run before its budget did; the last window is left open. */
  readonly outcome: 'completed' | 'stopped';
  /** Steps taken. */
  readonly step: number;
  /** Targets that counted, of all steps: tokens of a language model. */
  readonly tokens: number;
  /** Floating-point operations of these steps, by the ledger of the tie map of each. */
  readonly flops: number;
  /** What measuring for controllers and rewards took beside them. */
  readonly measuring: MeasuringCost;
  /** What was measured, where that was to be the best step; not before a split was. */
  readonly best?: BestStep;
}

/**
 * Trains a model in windows of `options.window` steps; the last one may be shorter.
 *
 * Events, in order: `run.started`; for each window `window.opened`, a `step.completed` for every step,
 * `window.closed`; `evaluation.completed` every `evaluateEvery` steps and, for each of `finalSplits`, after the last
 * window, under `best` after a validation of the last step like those on the way;
 * `run.completed`, or `run.failed`. All handlers of a window event, and of what they published, have finished
 * before the next step.
 */
@injectable()
export class Trainer implements Snapshotable {
  private step = 0;
  private tokens = 0;
  private window = 0;
  /** Losses of the open window, oldest first; none when no window is open. */
  private losses: number[] | undefined;
  /** Windows that diverged and are left out. */
  private readonly skipped = new Set<number>();
  private resumed = false;
  private done = false;
  /** Of the final splits, those that are measured. */
  private measured = 0;
  private savedAt = 0;
  /** Floating-point operations of a step of the open window. */
  private stepFlops = 0;
  private readonly budget: Budget;
  private readonly best: BestSoFar;

  constructor(
    @inject(TOKENS.bus) private readonly bus: EventBus,
    @inject(TrainingSteps) private readonly steps: TrainingSteps,
    @inject(TOKENS.registry) private readonly registry: WeightRegistry,
    @inject(TOKENS.ledger) private readonly ledger: () => Ledger,
    @inject(TRAINER_TOKENS.options) private readonly options: TrainerOptions,
    @inject(TOKENS.now) private readonly now: () => number,
    @inject(TRAINER_TOKENS.evaluate, { isOptional: true }) private readonly evaluate?: Evaluate,
    @inject(TRAINER_TOKENS.checkpoints, { isOptional: true }) private readonly checkpoints?: Checkpoints,
  ) {
    this.budget = new Budget(options);
    this.best = new BestSoFar(options.best);
  }

  /**
   * Runs the whole budget, or what is left of it after `restore`. To be called once.
   *
   * @throws LigatureError (`diverged`) when a loss or a gradient is not finite and the run is not to roll back; the
   *   weights are then as they were before that step. Whatever it throws, it publishes as `run.failed` first.
   */
  async run(): Promise<TrainingResult> {
    const detach = this.countMeasuring();
    try {
      return await this.train();
    } catch (error) {
      const { step } = this;
      const code = isOurs(error) ? error.code : 'unexpected';
      const message = thrownMessage(error);
      // The first error is the one to report, also when this publish fails in its turn.
      await this.bus.publish({ type: 'run.failed', step, code, message }).catch(() => undefined);
      throw error;
    } finally {
      detach();
      this.steps.dispose();
    }
  }

  /** Where the loop stands; taken between steps, when the bus is idle. */
  snapshot(): Snapshot {
    const { step, tokens, window, done, measured } = this;
    const { flops, milliseconds, measuring } = this.budget.spent;
    const skipped = [...this.skipped];
    // A copy: the open window goes on.
    const losses = this.losses ? [...this.losses] : null;
    const loop = { step, tokens, window, losses, skipped, done, measured };
    const best = this.best.snapshot() as unknown as { [part: string]: Snapshot };
    return { ...loop, flops, milliseconds, measuring: { ...measuring }, ...best };
  }

  /** @throws ContractError (`trainer-state-invalid`) */
  restore(state: Snapshot): void {
    const { step, tokens, window, losses, skipped, done, measured, best, compared, ...spent } =
      parseLoopState(state);
    this.budget.restore(spent);
    this.best.restore({ best, compared });
    Object.assign(this, { step, tokens, window, losses: losses ?? undefined, done, measured, resumed: true });
    this.skipped.clear();
    for (const one of skipped) this.skipped.add(one);
  }

  private async train(): Promise<TrainingResult> {
    if (this.done) return this.result('completed');
    if (this.options.best && !this.checkpoints) throw bestUnkept();
    const started = this.now();
    this.savedAt = started;
    await this.begin();
    const { signal } = this.options;
    while (!this.isSpent || this.losses) {
      if (signal?.aborted) return await this.stop();
      if (this.skipped.has(this.window)) {
        await this.skipWindow();
        continue;
      }
      const finished = await this.trainWindow();
      if (!finished) return await this.stop();
    }
    if (!(await this.measureFinally())) return await this.stop();
    const { step, tokens } = this;
    const durationMs = this.since(started);
    const best = this.best.step;
    await this.settle({
      ...{ type: 'run.completed', step, tokens, ...this.inForce(), durationMs },
      ...(best && { best }),
    });
    this.done = true;
    return this.result('completed');
  }

  /** The first event of a run, or the last one of the checkpoint that it goes on from. */
  private async begin(): Promise<void> {
    if (this.resumed) {
      if (this.isDue()) await this.announce(checkpointPath(this.step));
      return;
    }
    const flops = this.flopsPerStep();
    if (this.options.budget?.kind === 'flops' && !(flops > 0)) throw uncounted(this.options.budget.amount);
    await this.settle({
      type: 'run.started',
      seed: this.options.seed,
      layers: this.registry.stack.layers,
      steps: this.budget.announcedSteps(flops),
      controller: this.options.controller,
      ...this.options.task,
      ...(this.options.finalPasses && { finalPasses: this.options.finalPasses }),
      tieMap: this.registry.tieMap,
      ledger: this.ledger(),
    });
    // From now on there is something to go back to, whatever happens.
    await this.checkpoints?.save(this.step);
  }

  /** Opens the window unless it is open, trains what is left of it and closes it. False: the signal stopped it. */
  private async trainWindow(): Promise<boolean> {
    const { window: length, signal } = this.options;
    const { window } = this;
    if (!this.losses) {
      const opened: LigatureEvent = {
        type: 'window.opened',
        window,
        step: this.step,
        progress: this.progress(),
      };
      await this.timed(() => this.settle(opened));
      this.losses = [];
    }
    // The tie map stays as it is until the next window.
    this.stepFlops = this.flopsPerStep();
    const end = this.step - this.losses.length + length;
    // Where deciding took the rest of the time there is a step all the same: a window without losses teaches nothing.
    while (this.step < end && (this.losses.length === 0 || !this.isSpent)) {
      const taken = await this.takeStep(window, this.losses);
      // Rolled back: another window may be open now.
      if (!taken) return true;
      if (signal?.aborted) return false;
    }
    await this.closeWindow();
    return true;
  }

  private async closeWindow(): Promise<void> {
    const { step, window } = this;
    const truncated = this.isSpent;
    const losses = this.losses ?? [];
    const progress = this.progress();
    await this.timed(() => this.settle({ type: 'window.closed', window, step, losses, truncated, progress }));
    this.losses = undefined;
    this.window += 1;
  }

  /** Leaves out a window that diverged: its text is passed over, its steps are taken on what follows. */
  private async skipWindow(): Promise<void> {
    const left = this.options.window - (this.losses?.length ?? 0);
    this.steps.skip(left);
    if (this.losses) await this.closeWindow();
    else this.window += 1;
  }

  /** One step, its event, and what is due after it. False: it diverged and the run was rolled back. */
  private async takeStep(window: number, losses: number[]): Promise<boolean> {
    const started = this.now();
    const schedule = scheduleOf(this.options, this.budget.expectedSteps(this.step));
    const learningRate = learningRateAt(this.step, schedule);
    const taken = await this.steps.take(learningRate);
    const { loss, gradientNorm, weight: tokens } = taken;
    if (!taken.applied) {
      await this.diverge(window, loss, gradientNorm, learningRate);
      return false;
    }
    this.step += 1;
    this.tokens += tokens;
    losses.push(loss);
    const durationMs = this.since(started);
    this.budget.addFlops(this.stepFlops);
    if (this.budget.isTime) this.budget.addTime(durationMs);
    await this.bus.publish({
      type: 'step.completed',
      step: this.step,
      window,
      loss,
      gradientNorm,
      learningRate,
      tokens,
      durationMs,
      ...((!this.budget.countsSteps || this.budget.isCharged) && {
        spent: Math.min(1, this.budget.share(this.step)),
      }),
    });
    const { evaluateEvery } = this.options;
    const due = evaluateEvery !== null && this.step % evaluateEvery === 0 && !this.isSpent;
    if (due) await this.validate();
    await this.saveIfDue();
    return true;
  }

  /** Goes back to the last checkpoint and marks the window, if that is wanted and possible; throws otherwise. */
  private async diverge(
    window: number,
    loss: number,
    gradientNorm: number,
    learningRate: number,
  ): Promise<void> {
    const step = this.step + 1;
    const skipped = [...this.skipped, window];
    const mayRollBack = this.options.onDivergence === 'rollback' && this.skipped.size < MOST_ROLLBACKS;
    const back = mayRollBack ? await this.checkpoints?.rollBack() : undefined;
    if (back) this.restore(back.trainer);
    const resumedStep = back?.step;
    for (const one of skipped) this.skipped.add(one);
    await this.settle({
      type: 'run.diverged',
      step,
      window,
      loss: asJson(loss),
      gradientNorm: asJson(gradientNorm),
      learningRate,
      action: resumedStep === undefined ? 'stop' : 'rollback',
      resumedStep: resumedStep ?? null,
    });
    if (resumedStep === undefined) throw diverged(step, window, loss, gradientNorm, learningRate);
  }

  /** By steps it is part of the run's log; by minutes it is not, because no two runs agree on the minute. */
  private async saveIfDue(): Promise<void> {
    if (!this.checkpoints) return;
    const { checkpointEveryMinutes: minutes } = this.options;
    // A clock that was set back must not keep the next checkpoint waiting for it to catch up.
    this.savedAt = Math.min(this.savedAt, this.now());
    if (this.isDue()) {
      await this.bus.idle();
      await this.announce(await this.checkpoints.save(this.step));
    } else if (minutes !== null && this.now() - this.savedAt >= minutes * 60_000) {
      await this.bus.idle();
      await this.checkpoints.save(this.step);
    } else return;
    this.savedAt = this.now();
  }

  /** The best step so far is due too: its weights may have to be measured when training is over. */
  private isDue(): boolean {
    const { checkpointEvery: every } = this.options;
    if (this.step === 0 || this.isSpent) return false;
    return (every !== null && this.step % every === 0) || this.best.step?.step === this.step;
  }

  private announce(path: string): Promise<void> {
    return this.settle({ type: 'checkpoint.saved', step: this.step, path });
  }

  /** The signal came: saves, so that nothing is lost, and publishes nothing: a resumed log shows no seam. */
  private async stop(): Promise<TrainingResult> {
    await this.bus.idle();
    if (!this.isDue()) await this.checkpoints?.save(this.step);
    return this.result('stopped');
  }

  /** On a few batches, and short: it is brought to its end. */
  private async validate(): Promise<void> {
    const metrics = await this.measure('validation', false);
    if (metrics) this.best.compare(this.step, metrics, () => this.inForce());
  }

  /** What ends the run; false: the signal ended it. */
  private async measureFinally(): Promise<boolean> {
    const { finalSplits, signal } = this.options;
    const left = finalSplits.slice(this.measured);
    if (left.length === 0) return true;
    if (signal?.aborted) return false;
    if (this.best.lacks(this.step)) await this.validate();
    const best = this.best.step;
    const earlier = best && best.step < this.step ? await this.checkpoints?.weightsOf(best.step) : undefined;
    try {
      for (const split of left) {
        if (signal?.aborted || !(await this.measure(split, true, earlier?.view))) return false;
        this.measured += 1;
      }
    } finally {
      earlier?.dispose();
    }
    return true;
  }

  /** `undefined`: the signal ended it. @param view as for {@link Evaluate} */
  private async measure(
    split: SplitName,
    final: boolean,
    view?: ParameterView,
  ): Promise<Metrics | undefined> {
    if (!this.evaluate) return {};
    const started = this.now();
    const evaluated = await this.evaluate(split, final, final ? this.options.signal : undefined, view);
    if (!evaluated) return undefined;
    const { metrics, subset } = evaluated;
    const best = final ? this.best.step : undefined;
    const durationMs = this.since(started);
    await this.settle({
      type: 'evaluation.completed',
      step: this.step,
      split,
      metrics,
      durationMs,
      ...(subset && { subset }),
      ...(best && { weightsOf: best.step }),
    });
    return metrics;
  }

  private inForce(): Pick<BestStep, 'tieMap' | 'ledger'> {
    return { tieMap: this.registry.tieMap, ledger: this.ledger() };
  }

  /** Whoever measures says what it took. */
  private countMeasuring(): () => void {
    const detach = (['layers.measured', 'reward.measured'] as const).map((type) =>
      this.bus.handle({
        ...{ type, phase: 'observe', name: 'budget' },
        handle: ({ tokens = 0, flops = 0 }) => this.budget.addMeasuring({ tokens, flops }),
      }),
    );
    return () => detach.forEach((remove) => remove());
  }

  /** Nothing is left of the budget: what comes is the final evaluation. */
  get isSpent(): boolean {
    return this.budget.isSpent(this.step);
  }

  private progress(): number {
    return Math.min(1, this.budget.share(this.step));
  }

  private flopsPerStep(): number {
    return this.ledger().flops.step * this.steps.accumulation;
  }

  /** Counts what the controller's part takes, where seconds are what is limited. */
  private async timed(work: () => Promise<void>): Promise<void> {
    if (!this.budget.isTime) return work();
    const started = this.now();
    await work();
    this.budget.addTime(this.since(started));
  }

  /** Milliseconds since `started`; none when the clock was set back. */
  private since(started: number): number {
    return Math.max(0, this.now() - started);
  }

  /** Publishes, and waits until what the handlers published in answer has been handled too. */
  private async settle(event: LigatureEvent): Promise<void> {
    await this.bus.publish(event);
    await this.bus.idle();
  }

  private result(outcome: TrainingResult['outcome']): TrainingResult {
    const { flops, measuring } = this.budget.spent;
    const best = this.done || this.measured > 0 ? this.best.step : undefined;
    return { outcome, step: this.step, tokens: this.tokens, flops, measuring, ...(best && { best }) };
  }
}

function bestUnkept(): ContractError {
  return new ContractError('best-unkept', {
    asked: 'Measure the best step of a run at its end',
    found: 'nothing keeps the weights of a step that is over: there are no checkpoints',
    todo: 'Give the trainer checkpoints, or measure the last step',
  });
}

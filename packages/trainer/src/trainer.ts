/**
 * The loop over windows: it publishes what happens and otherwise only trains. It knows no controller: a tie map
 * changes because a handler of `window.opened` changed the registry.
 */
import { LigatureError, sweepPosition, TOKENS } from '@ligature/core';
import type {
  Batch,
  BatchSource,
  EventBus,
  LigatureEvent,
  Model,
  RandomStreams,
  SplitName,
} from '@ligature/core';
import type { WeightRegistry } from '@ligature/weight-sharing';
import { inject, injectable } from 'tsyringe';
import { adamWOptions, scheduleOf, TRAINER_TOKENS } from './options.js';
import type { Evaluate, TrainerOptions } from './options.js';
import { learningRateAt } from './schedule.js';
import type { StepOptions } from './step.js';
import { trainStep } from './train-step.js';

export interface TrainingResult {
  /** `stopped`: the signal ended the run before its budget did; the last window is left open. */
  readonly outcome: 'completed' | 'stopped';
  /** Steps taken. */
  readonly step: number;
  readonly tokens: number;
}

/**
 * Trains a model in windows of `options.window` steps; the last one may be shorter.
 *
 * Events, in order: `run.started`; for each window `window.opened`, a `step.completed` for every step,
 * `window.closed`; `evaluation.completed` every `evaluateEvery` steps and, for each of `finalSplits`, after the last
 * window;
 * `run.completed`, or `run.failed`. All handlers of a window event, and of what they published, have finished
 * before the next step.
 */
@injectable()
export class Trainer {
  private step = 0;
  private tokens = 0;

  constructor(
    @inject(TOKENS.bus) private readonly bus: EventBus,
    @inject(TOKENS.model) private readonly model: Model,
    @inject(TOKENS.registry) private readonly registry: WeightRegistry,
    @inject(TOKENS.trainingBatches) private readonly batches: BatchSource,
    @inject(TOKENS.batchShape) private readonly shape: { readonly batch: number; readonly context: number },
    @inject(TRAINER_TOKENS.options) private readonly options: TrainerOptions,
    @inject(TOKENS.streams) private readonly streams: RandomStreams,
    @inject(TOKENS.now) private readonly now: () => number,
    @inject(TRAINER_TOKENS.evaluate, { isOptional: true }) private readonly evaluate?: Evaluate,
  ) {}

  /**
   * Runs the whole budget. To be called once.
   *
   * @throws LigatureError (`diverged`) when a loss or a gradient is not finite; the weights are then as they
   *   were before that step. Whatever it throws, it publishes as `run.failed` first.
   */
  async run(): Promise<TrainingResult> {
    try {
      return await this.train();
    } catch (error) {
      const { step } = this;
      const code = error instanceof LigatureError ? error.code : 'unexpected';
      const message = error instanceof Error ? error.message : String(error);
      // The first error is the one to report, also when this publish fails in its turn.
      await this.bus.publish({ type: 'run.failed', step, code, message }).catch(() => undefined);
      throw error;
    }
  }

  private async train(): Promise<TrainingResult> {
    const started = this.now();
    const { steps, window: length, signal } = this.options;
    await this.settle({
      type: 'run.started',
      seed: this.options.seed,
      layers: this.model.layers,
      steps,
      controller: this.options.controller,
      tieMap: this.registry.tieMap,
      ledger: this.ledger(),
    });
    for (let window = 0; this.step < steps; window += 1) {
      if (signal?.aborted) return this.result('stopped');
      const { sweep, layer } = sweepPosition(window, this.model.layers);
      await this.settle({ type: 'window.opened', window, sweep, layer, step: this.step });
      const losses: number[] = [];
      const end = Math.min(this.step + length, steps);
      while (this.step < end) {
        losses.push(await this.takeStep(window));
        if (signal?.aborted) return this.result('stopped');
      }
      const truncated = this.step === steps;
      await this.settle({ type: 'window.closed', window, layer, step: this.step, losses, truncated });
    }
    for (const split of this.options.finalSplits) await this.measure(split);
    const { step, tokens } = this;
    const { tieMap } = this.registry;
    const durationMs = this.now() - started;
    await this.settle({ type: 'run.completed', step, tokens, tieMap, ledger: this.ledger(), durationMs });
    return this.result('completed');
  }

  /** One step, its event, and an evaluation where one is due; the last step's is left to the end of the run. */
  private async takeStep(window: number): Promise<number> {
    const started = this.now();
    const learningRate = learningRateAt(this.step, scheduleOf(this.options));
    const batches: Batch[] = Array.from({ length: this.options.accumulation }, () => this.batches.next());
    const taken = await trainStep(this.model, this.registry, batches, learningRate, this.stepOptions());
    const { loss, gradientNorm, tokens } = taken;
    if (!taken.applied) throw diverged(this.step + 1, window, loss, gradientNorm, learningRate);
    this.step += 1;
    this.tokens += tokens;
    await this.bus.publish({
      type: 'step.completed',
      step: this.step,
      window,
      loss,
      gradientNorm,
      learningRate,
      tokens,
      durationMs: this.now() - started,
    });
    const { evaluateEvery, steps } = this.options;
    const due = evaluateEvery !== null && this.step % evaluateEvery === 0 && this.step < steps;
    if (due) await this.measure('validation');
    return loss;
  }

  private async measure(split: SplitName): Promise<void> {
    if (!this.evaluate) return;
    const started = this.now();
    const metrics = await this.evaluate(split, this.step);
    const durationMs = this.now() - started;
    await this.settle({
      type: 'evaluation.completed',
      step: this.step,
      split,
      metrics,
      durationMs,
    });
  }

  private stepOptions(): StepOptions {
    const dropout = this.streams.stream('dropout');
    return {
      adamW: adamWOptions(this.options),
      clipNorm: this.options.clip,
      dropoutSeed: () => dropout.integer(0, 2 ** 31 - 1),
    };
  }

  /** Publishes, and waits until what the handlers published in answer has been handled too. */
  private async settle(event: LigatureEvent): Promise<void> {
    await this.bus.publish(event);
    await this.bus.idle();
  }

  private ledger(): ReturnType<WeightRegistry['ledger']> {
    return this.registry.ledger(this.shape.batch, this.shape.context);
  }

  private result(outcome: TrainingResult['outcome']): TrainingResult {
    return { outcome, step: this.step, tokens: this.tokens };
  }
}

function diverged(
  step: number,
  window: number,
  loss: number,
  gradientNorm: number,
  learningRate: number,
): LigatureError {
  return new LigatureError('diverged', {
    asked: `Train step ${step} of window ${window}`,
    found: `the loss is ${loss} and the gradient norm ${gradientNorm} at learning rate ${learningRate}`,
    todo: 'Lower the learning rate, warm up longer or clip the gradient lower',
  });
}

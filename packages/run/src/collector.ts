/** Gathers from the events of a run what its result reports; a resumed run first replays those of its log. */
import type {
  EvaluationCompleted,
  EventBus,
  LigatureEvent,
  Metrics,
  SplitName,
  TieMap,
} from '@ligature/core';
import { median } from 'simple-statistics';
import type { DiagnosticNote, LossPoint, TieMapChange } from './results.js';

interface Step extends LossPoint {
  readonly durationMs: number;
  readonly tokens: number;
}

export class Collector {
  private steps: Step[] = [];
  private changes: TieMapChange[] = [];
  private readonly notes: DiagnosticNote[] = [];
  private readonly evaluations = new Map<SplitName, EvaluationCompleted>();
  /** Training steps before the window that is open. */
  private step = 0;
  private announced: number | undefined;

  attach(bus: EventBus): void {
    bus.events$.subscribe((event) => this.observe(event));
  }

  observe(event: LigatureEvent): void {
    switch (event.type) {
      case 'run.started':
        this.announced = event.steps;
        return this.note(0, 0, event.tieMap);
      case 'window.opened':
        this.step = event.step;
        return;
      case 'tying.applied':
        return this.note(this.step, event.window, event.tieMap);
      case 'step.completed':
        this.steps.push(event);
        return;
      case 'evaluation.completed':
        this.evaluations.set(event.split, event);
        return;
      case 'diagnostic.raised':
        this.notes.push({ code: event.code, window: event.window, message: event.message });
        return;
      case 'run.diverged':
        return this.forgetAfter(event.resumedStep ?? Infinity);
    }
  }

  get losses(): readonly LossPoint[] {
    return this.steps.map(({ step, loss }) => ({ step, loss }));
  }

  /** Steps in all, as the run announced them; a log whose first part was thrown away does not say. */
  get announcedSteps(): number | undefined {
    return this.announced;
  }

  get tieMaps(): readonly TieMapChange[] {
    return this.changes;
  }

  get diagnostics(): readonly DiagnosticNote[] {
    return this.notes;
  }

  /** Tokens of the steps that count; those of steps that were rolled back do not. */
  get tokens(): number {
    return this.steps.reduce((sum, { tokens }) => sum + tokens, 0);
  }

  get trainingSeconds(): number {
    return this.steps.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  }

  /** The last evaluation of a split; empty when the run was stopped before one. */
  metrics(split: SplitName): Metrics {
    return this.evaluations.get(split)?.metrics ?? {};
  }

  /** A metric on validation, if that step was evaluated just now. */
  validationAt(step: number, metric: string): number | undefined {
    const last = this.evaluations.get('validation');
    return last?.step === step ? last.metrics[metric] : undefined;
  }

  /** Median over steps without the first two, which compile kernels and grow memory. */
  tokensPerSecond(): number {
    const timed = this.steps.filter(({ durationMs }) => durationMs > 0);
    const rates = timed.map(({ tokens, durationMs }) => (1000 * tokens) / durationMs);
    const warm = rates.length > 2 ? rates.slice(2) : rates;
    return warm.length > 0 ? median(warm) : 0;
  }

  /** Only changes are kept: a window that leaves the map as it is adds nothing to the picture. */
  private note(step: number, window: number, tieMap: TieMap): void {
    if (this.changes.at(-1)?.tieMap.join() !== tieMap.join()) this.changes.push({ step, window, tieMap });
  }

  /** A roll-back: what came after its checkpoint did not happen. */
  private forgetAfter(step: number): void {
    this.steps = this.steps.filter((one) => one.step <= step);
    this.changes = this.changes.filter((one) => one.step <= step);
  }
}

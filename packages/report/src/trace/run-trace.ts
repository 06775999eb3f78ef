/** A run as a table of steps and a table of windows, folded from its event log: what charts and pages are made of. */
import type {
  DiagnosticRaised,
  Ledger,
  LigatureEvent,
  Metrics,
  SplitName,
  TieMap,
  TyingDecided,
} from '@ligature/core';

/** One training step, with what training had cost when it was done. */
export interface StepPoint {
  readonly step: number;
  /** Training loss before the update, in the run's `lossUnit`. */
  readonly loss: number;
  /** Tokens, seconds of training and operations up to and including this step. */
  readonly tokens: number;
  readonly seconds: number;
  readonly flops: number;
}

/** One window: the decision that opened it, the map it was trained under, what came of it. */
export interface WindowTrace {
  readonly window: number;
  readonly sweep: number;
  /** The layer whose turn it was; `null` for a stack of one layer. */
  readonly layer: number | null;
  /** Training steps done before the window, and at its end. */
  readonly from: number;
  readonly to: number;
  readonly decision?: Pick<TyingDecided, 'kind' | 'source' | 'notes'>;
  readonly tieMap: TieMap;
  readonly reward?: { readonly reward: number; readonly raw: number; readonly saturated: boolean };
  /** What the controller said of its update. */
  readonly report?: Readonly<Record<string, number>>;
}

export interface LedgerPoint {
  readonly step: number;
  readonly ledger: Ledger;
}

export interface EvaluationPoint {
  readonly step: number;
  readonly split: SplitName;
  readonly metrics: Metrics;
}

export type DiagnosticTrace = Pick<DiagnosticRaised, 'code' | 'window' | 'message'>;

export interface RunTrace {
  readonly controller: string;
  readonly seed: number;
  readonly layers: number;
  /** Steps that the run was to have. */
  readonly plannedSteps: number;
  readonly steps: readonly StepPoint[];
  readonly windows: readonly WindowTrace[];
  /** The ledger whenever its numbers changed. */
  readonly ledgers: readonly LedgerPoint[];
  readonly evaluations: readonly EvaluationPoint[];
  readonly diagnostics: readonly DiagnosticTrace[];
  /** `running` when the log ends without an ending: it goes on, was stopped, or was killed. */
  readonly outcome: 'completed' | 'failed' | 'running';
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Folds events one at a time, so that a live view can be fed as they come. Roll-backs take back what came after
 * their checkpoint, except the time it took.
 */
export class RunTracer {
  private readonly head = { controller: '', seed: 0, layers: 0, plannedSteps: 0 };
  private steps: StepPoint[] = [];
  private windows: Mutable<WindowTrace>[] = [];
  private ledgers: LedgerPoint[] = [];
  private readonly evaluations: EvaluationPoint[] = [];
  private readonly diagnostics: DiagnosticTrace[] = [];
  private outcome: RunTrace['outcome'] = 'running';
  private tieMap: TieMap = [];
  private stepFlops = 0;
  private milliseconds = 0;

  /** @param accumulation batches of one step: the ledger counts the operations of one */
  constructor(private readonly accumulation = 1) {}

  observe(event: LigatureEvent): void {
    switch (event.type) {
      case 'run.started': {
        const { controller, seed, layers, steps } = event;
        Object.assign(this.head, { controller, seed, layers, plannedSteps: steps });
        this.tieMap = event.tieMap;
        return this.take(0, event.ledger);
      }
      case 'window.opened': {
        const { window, sweep, layer, step } = event;
        this.windows.push({ window, sweep, layer, from: step, to: step, tieMap: this.tieMap });
        return;
      }
      case 'tying.decided': {
        const { kind, source, notes } = event;
        return this.add(event.window, { decision: { kind, source, notes } });
      }
      case 'tying.applied':
        this.tieMap = event.tieMap;
        this.add(event.window, { tieMap: event.tieMap });
        return this.take(this.windows.at(-1)?.from ?? 0, event.ledger);
      case 'step.completed':
        return this.step(event);
      case 'window.closed':
        return this.add(event.window, { to: event.step });
      case 'reward.measured': {
        const { reward, raw, saturated } = event;
        return this.add(event.window, { reward: { reward, raw, saturated } });
      }
      case 'controller.learned':
        return this.add(event.window, { report: event.report });
      case 'evaluation.completed':
        this.evaluations.push({ step: event.step, split: event.split, metrics: event.metrics });
        return;
      case 'diagnostic.raised':
        this.diagnostics.push({ code: event.code, window: event.window, message: event.message });
        return;
      case 'run.diverged':
        return this.forgetAfter(event.resumedStep ?? Infinity);
      case 'run.completed':
        this.outcome = 'completed';
        return;
      case 'run.failed':
        this.outcome = 'failed';
    }
  }

  get trace(): RunTrace {
    const { steps, windows, ledgers, evaluations, diagnostics, outcome } = this;
    return { ...this.head, steps, windows, ledgers, evaluations, diagnostics, outcome };
  }

  private step({
    step,
    loss,
    tokens,
    durationMs,
  }: Extract<LigatureEvent, { readonly type: 'step.completed' }>): void {
    const before = this.steps.at(-1);
    this.milliseconds += durationMs;
    this.steps.push({
      step,
      loss,
      tokens: (before?.tokens ?? 0) + tokens,
      seconds: this.milliseconds / 1000,
      flops: (before?.flops ?? 0) + this.stepFlops,
    });
    const window = this.windows.at(-1);
    if (window) window.to = step;
  }

  private add(window: number, found: Partial<WindowTrace>): void {
    const last = this.windows.at(-1);
    if (last?.window === window) Object.assign(last, found);
  }

  private take(step: number, ledger: Ledger): void {
    this.stepFlops = ledger.flops.step * this.accumulation;
    const last = this.ledgers.at(-1)?.ledger;
    const numbers = ({ independentLayers, uniqueParameters, bytes }: Ledger): string =>
      [independentLayers, uniqueParameters, ...Object.values(bytes)].join();
    if (last === undefined || numbers(last) !== numbers(ledger)) this.ledgers.push({ step, ledger });
  }

  private forgetAfter(step: number): void {
    this.steps = this.steps.filter((one) => one.step <= step);
    this.windows = this.windows.filter(({ from }) => from < step || step === Infinity);
    this.ledgers = this.ledgers.filter((one) => one.step <= step);
    this.tieMap = this.windows.at(-1)?.tieMap ?? this.tieMap;
  }
}

/** The whole of a log at once. */
export function traceRun(events: Iterable<LigatureEvent>, accumulation = 1): RunTrace {
  const tracer = new RunTracer(accumulation);
  for (const event of events) tracer.observe(event);
  return tracer.trace;
}

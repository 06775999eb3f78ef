/**
 * The one fold from the events of a run to its state. A roll-back takes back what came after its checkpoint: steps
 * with their tokens, time and operations, windows, maps, evaluations and diagnostics. Checkpoints are taken after a
 * step and its evaluation, before its window closes: a window that opens at that step is undone, one that reaches up to
 * it or over it is open again.
 */
import type { LigatureEvent, RunStarted, StepCompleted, TyingApplied, WindowOpened } from '../events.js';
import type { Ledger } from '../../contracts/ledger.js';
import type { TieMap } from '../../contracts/tie-map.js';
import type { Snapshot, Snapshotable } from '../../contracts/snapshot.js';
import type { TieMapChange } from '../../contracts/trial.js';
import { Kept } from './kept.js';
import { packSteps, plain, readFoldSnapshot, unpackSteps, type FoldSnapshot } from './fold-snapshot.js';
import type * as state from './run-state.js';

/** How much is kept of the past; what is older is let go, and a roll-back can only count what it finds. */
export interface FoldLimits {
  /** Steps, evaluations and diagnostics. */
  readonly steps: number;
  /** Windows, maps and ledgers. */
  readonly windows: number;
}

export interface FoldOptions {
  /** Batches of one step: the ledger counts the operations of one. Default: 1. */
  readonly accumulation?: number;
  /** Default: everything is kept. */
  readonly limits?: FoldLimits;
}

interface Window extends state.WindowTrace {
  /** In force while it is trained. */
  readonly ledger: Ledger | undefined;
}

interface Diagnostic extends state.DiagnosticTrace {
  /** Steps done when it was raised, and whether a window had closed or opened since the last of them. */
  readonly step: number;
  readonly between: boolean;
}

/** What is known of a checkpoint: in a bounded fold all else may be gone when the run goes back to it. */
interface Mark {
  readonly step: number;
  readonly totals: state.Totals;
  readonly milliseconds: number;
  readonly tieMap: TieMap;
  readonly ledger: Ledger | undefined;
}

const NOTHING: state.Totals = { tokens: 0, seconds: 0, flops: 0 };
/** Checkpoints whose totals are remembered in a bounded fold: more than any run keeps. */
const MOST_CHECKPOINTS = 64;

export class RunFold implements Snapshotable {
  #started: RunStarted | undefined;
  #plannedSteps: number | undefined;
  #missingSteps = 0;
  #step = 0;
  /** Whether a window has closed or opened since the last step: no checkpoint is taken any more at that step. */
  #between = false;
  #totals = NOTHING;
  #milliseconds = 0;
  #tieMap: TieMap = [];
  #ledger: Ledger | undefined;
  /** The map and the ledger before any window: no roll-back takes them back. */
  #firstMap: TieMapChange | undefined;
  readonly #steps: Kept<state.TakenStep & { readonly milliseconds: number }>;
  readonly #windows: Kept<Window>;
  readonly #maps: Kept<TieMapChange>;
  readonly #ledgers: Kept<state.LedgerPoint>;
  readonly #evaluations: Kept<state.EvaluationPoint>;
  readonly #diagnostics: Kept<Diagnostic>;
  readonly #rollBacks: Kept<state.RollBack>;
  readonly #checkpoints: Kept<Mark>;
  #outcome: state.RunState['outcome'] = 'running';
  #failure: state.RunState['failure'];
  readonly #accumulation: number;

  constructor({ accumulation = 1, limits }: FoldOptions = {}) {
    this.#accumulation = accumulation;
    this.#steps = new Kept(limits?.steps);
    this.#evaluations = new Kept(limits?.steps);
    this.#diagnostics = new Kept(limits?.steps);
    this.#windows = new Kept(limits?.windows);
    this.#maps = new Kept(limits?.windows);
    this.#ledgers = new Kept(limits?.windows);
    this.#rollBacks = new Kept(limits?.windows);
    this.#checkpoints = new Kept(limits && MOST_CHECKPOINTS);
  }

  /** What it all amounts to. Lists are views: they grow as events come. */
  get state(): state.RunState {
    const first = this.#firstMap;
    return {
      started: this.#started,
      plannedSteps: this.#plannedSteps,
      step: this.#step,
      totals: this.#totals,
      tieMap: this.#tieMap,
      steps: this.#steps.items,
      windows: this.#windows.items,
      tieMaps: first ? [first, ...this.#maps.items] : this.#maps.items,
      ledgers: this.#started
        ? [{ step: 0, ledger: this.#started.ledger }, ...this.#ledgers.items]
        : this.#ledgers.items,
      evaluations: this.#evaluations.items,
      diagnostics: this.#diagnostics.items,
      diagnosticCount: this.#diagnostics.count,
      rollBacks: this.#rollBacks.items,
      outcome: this.#outcome,
      ...(this.#failure && { failure: this.#failure }),
      ...(this.#missingSteps > 0 && { missingSteps: this.#missingSteps }),
    };
  }

  observe(event: LigatureEvent): void {
    switch (event.type) {
      case 'run.started':
        return this.#start(event);
      case 'run.resumed':
        return this.#resume(event.step, event.steps, event.tieMap);
      case 'window.opened':
        return this.#open(event);
      case 'tying.decided': {
        const { kind, source, notes, component, sweep, layer } = event;
        return this.#add(event.window, {
          decision: { kind, source, notes, ...(component !== undefined && { component }) },
          ...(sweep !== undefined && { sweep }),
          // A decision on the whole map names no layer; whose turn it was stays what it was.
          ...(layer !== null && { layer }),
        });
      }
      case 'tying.applied':
        return this.#apply(event);
      case 'step.completed':
        return this.#take(event);
      case 'window.closed':
        this.#between = true;
        return this.#add(event.window, { to: event.step });
      case 'reward.measured': {
        const { reward, raw, saturated } = event;
        return this.#add(event.window, { reward: { reward, raw, saturated } });
      }
      case 'controller.learned':
        return this.#add(event.window, { report: event.report });
      case 'evaluation.completed': {
        const { step, split, metrics, subset, weightsOf } = event;
        return this.#evaluations.add({
          ...{ step, split, metrics },
          ...(subset && { subset }),
          ...(weightsOf !== undefined && { weightsOf }),
        });
      }
      case 'diagnostic.raised': {
        const { code, window, message } = event;
        return this.#diagnostics.add({ code, window, message, step: this.#step, between: this.#between });
      }
      case 'checkpoint.saved':
        return this.#checkpoints.add({
          ...{ step: event.step, totals: this.#totals, milliseconds: this.#milliseconds },
          ...{ tieMap: this.#tieMap, ledger: this.#ledger },
        });
      case 'run.diverged': {
        const { step, resumedStep } = event;
        if (resumedStep === null) return;
        this.#rollBacks.add({ step, resumedStep });
        return this.#rollBack(resumedStep);
      }
      case 'run.completed':
        this.#outcome = 'completed';
        return;
      case 'run.failed':
        this.#outcome = 'failed';
        this.#failure = { code: event.code, message: event.message };
    }
  }

  /** For a fold that keeps everything: all that a result is made of. */
  snapshot(): Snapshot {
    const window = this.#windows.last;
    const at = window && {
      ...{
        window: window.window,
        sweep: window.sweep,
        layer: window.layer,
        from: window.from,
        to: window.to,
      },
      ...{ tieMap: window.tieMap, ledger: window.ledger ?? null },
    };
    return plain({
      format: 1,
      started: this.#started ?? null,
      plannedSteps: this.#plannedSteps ?? null,
      ...{ step: this.#step, between: this.#between, tieMap: this.#tieMap, ledger: this.#ledger ?? null },
      firstMap: this.#firstMap ?? null,
      window: at ?? null,
      windows: this.#windows.count,
      tieMaps: this.#maps.items,
      evaluations: this.#evaluations.items,
      diagnostics: this.#diagnostics.items,
      rollBacks: this.#rollBacks.items,
      ...{ outcome: this.#outcome, failure: this.#failure ?? null },
      steps: packSteps(this.#steps.items),
    });
  }

  /** @throws InputError (`state-invalid`) */
  restore(saved: Snapshot): void {
    const { window, windows, ...from } = readFoldSnapshot(saved);
    this.#started = (from.started as RunStarted | null) ?? undefined;
    this.#plannedSteps = from.plannedSteps ?? undefined;
    this.#step = from.step;
    this.#between = from.between;
    this.#tieMap = from.tieMap;
    this.#ledger = from.ledger ?? undefined;
    this.#firstMap = from.firstMap ?? undefined;
    this.#windows.load(
      window ? [{ ...window, ledger: window.ledger ?? undefined }] : [],
      windows - (window ? 1 : 0),
    );
    this.#maps.load(from.tieMaps);
    this.#evaluations.load(from.evaluations);
    this.#diagnostics.load(from.diagnostics);
    this.#rollBacks.load(from.rollBacks);
    this.#outcome = from.outcome;
    this.#failure = from.failure ?? undefined;
    this.#loadSteps(from.steps);
  }

  /** Sums are taken in the order in which they once were: they come to the same to the last bit. */
  #loadSteps(lists: FoldSnapshot['steps']): void {
    this.#totals = NOTHING;
    this.#milliseconds = 0;
    this.#steps.load(
      unpackSteps(lists).map((one) => {
        this.#milliseconds += one.durationMs;
        this.#totals = {
          tokens: this.#totals.tokens + one.stepTokens,
          seconds: this.#milliseconds / 1000,
          flops: one.flops,
        };
        return { ...one, ...this.#totals, milliseconds: this.#milliseconds };
      }),
    );
  }

  #start(event: RunStarted): void {
    this.#started = event;
    this.#plannedSteps = event.steps;
    this.#tieMap = event.tieMap;
    this.#ledger = event.ledger;
    this.#firstMap = { step: 0, window: 0, tieMap: event.tieMap };
  }

  /** Heard after the log of the run, it changes nothing; heard alone, it is all that is known of what was before. */
  #resume(step: number, steps: number, tieMap: TieMap): void {
    if (step !== this.#step) this.#rollBack(step);
    this.#plannedSteps = steps;
    this.#tieMap = tieMap;
    this.#firstMap ??= { step, window: 0, tieMap };
    if (this.#outcome === 'failed') this.#outcome = 'running';
    this.#failure = undefined;
  }

  #open({ window, sweep, layer, step }: WindowOpened): void {
    this.#between = true;
    this.#windows.add({
      ...{ window, sweep: sweep ?? null, layer: layer ?? null, from: step, to: step },
      ...{ tieMap: this.#tieMap, ledger: this.#ledger },
    });
  }

  #apply({ window, tieMap, tieMaps, ledger }: TyingApplied): void {
    const before = this.#ledger;
    const current = this.#windows.last;
    const step = current?.window === window ? current.from : this.#step;
    const lastMap = this.#maps.last ?? this.#firstMap;
    this.#tieMap = tieMap;
    this.#ledger = ledger;
    this.#add(window, { tieMap, ledger, ...(tieMaps && { tieMaps }) });
    // A window that leaves the map as it is adds nothing to the picture.
    if (!lastMap || lastMap.tieMap.join() !== tieMap.join()) this.#maps.add({ step, window, tieMap });
    if (!before || numbersOf(before) !== numbersOf(ledger)) this.#ledgers.add({ step, ledger });
  }

  #take({ step, window, loss, tokens, durationMs, spent }: StepCompleted): void {
    if (!this.#started && this.#steps.count === 0) this.#missingSteps = step - 1;
    const before = this.#totals;
    this.#milliseconds += durationMs;
    this.#step = step;
    this.#between = false;
    this.#totals = {
      tokens: before.tokens + tokens,
      seconds: this.#milliseconds / 1000,
      flops: before.flops + (this.#ledger?.flops.step ?? 0) * this.#accumulation,
    };
    this.#steps.add({
      ...{ step, loss, ...this.#totals, window, stepTokens: tokens, durationMs },
      ...(spent !== undefined && { spent }),
      milliseconds: this.#milliseconds,
    });
    const last = this.#windows.last;
    if (last) this.#windows.replace(last, { ...last, to: step });
  }

  /** To one of the last windows: rewards come after the end of theirs. */
  #add(window: number, found: Partial<Window>): void {
    const one = this.#windows.items.findLast((known) => known.window === window);
    if (one) this.#windows.replace(one, { ...one, ...found });
  }

  #rollBack(to: number): void {
    this.#steps.dropWhile(({ step }) => step > to);
    this.#checkpoints.dropWhile(({ step }) => step > to);
    this.#evaluations.dropWhile(({ step }) => step > to);
    this.#windows.dropWhile(({ from }) => from >= to);
    this.#maps.dropWhile(({ step }) => step >= to);
    this.#ledgers.dropWhile(({ step }) => step >= to);
    const open = this.#windows.last;
    if (open && open.to >= to) this.#windows.replace(open, openedAgain(open, to));
    this.#diagnostics.dropWhile(({ step, between }) => step > to || (step === to && between));
    this.#recount(to);
    const checkpoint = this.#checkpoints.last;
    if (open) this.#putBack(open.tieMap, open.ledger);
    else if (checkpoint?.step === to) this.#putBack(checkpoint.tieMap, checkpoint.ledger);
    // Where windows were let go, the map is not known: the next decision says it.
    else if (this.#windows.count === 0) this.#putBack(this.#firstMap?.tieMap, this.#started?.ledger);
  }

  #putBack(tieMap: TieMap | undefined, ledger: Ledger | undefined): void {
    this.#tieMap = tieMap ?? this.#tieMap;
    this.#ledger = ledger ?? this.#ledger;
  }

  /** By the step itself, or by a checkpoint that was announced there: in a bounded fold the step may be gone. */
  #recount(to: number): void {
    const [step, checkpoint] = [this.#steps.last, this.#checkpoints.last];
    this.#step = to;
    this.#between = false;
    const { milliseconds, ...found } =
      checkpoint && checkpoint.step > (step?.step ?? -1)
        ? { ...checkpoint.totals, milliseconds: checkpoint.milliseconds }
        : (step ?? { ...NOTHING, milliseconds: 0 });
    this.#milliseconds = milliseconds;
    this.#totals = { tokens: found.tokens, seconds: found.seconds, flops: found.flops };
  }
}

/** A window that reaches up to the step of a checkpoint: what came of it is to come again. */
function openedAgain({ reward: _reward, report: _report, ...rest }: Window, to: number): Window {
  return { ...rest, to };
}

/** The numbers by which two ledgers are told apart. */
const numbersOf = ({ independentLayers, uniqueParameters, bytes }: Ledger): string =>
  [independentLayers, uniqueParameters, ...Object.values(bytes)].join();

/** The whole of a log at once. */
export function foldRun(events: Iterable<LigatureEvent>, options: FoldOptions = {}): state.RunState {
  const fold = new RunFold(options);
  for (const event of events) fold.observe(event);
  return fold.state;
}

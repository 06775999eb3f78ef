/** What the log of a run has told so far, in bounded memory. */
import { canonicalTieMap, independentLayers } from '@ligature/core';
import { tieMapSegments } from '@ligature/report';
import type { ShownEvent } from './read-event.js';
import { ThinnedCurve } from './thinned-curve.js';
import type { LastDecision, RunDetail, RunSummary, Stretch } from './wire.js';

/** Steps that the loss of the table is the mean of. */
const LOSS_STEPS = 20;
/** Steps that the speed is taken over. */
const SPEED_STEPS = 50;
/** Changes of the map that are told apart: more than a screen has columns. */
const MOST_CHANGES = 2048;
/** Changes that are sent: a picture cannot show more than its width. */
const RESOLUTION = 720;
/** Stretches that are sent at most, however many layers a log claims. */
const MOST_STRETCHES = 40_000;
/** Windows whose rewards can still come. */
const MOST_OPEN_WINDOWS = 64;

interface Step {
  readonly step: number;
  readonly loss: number | null;
  readonly tokens: number;
  readonly durationMs: number;
}

interface Change {
  readonly step: number;
  readonly tieMap: readonly number[];
}

type Told = Omit<RunSummary, 'id' | 'name' | 'state' | 'damagedLines' | 'loading'>;

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

const finite = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

export class RunHistory {
  /** How the log says that the run ended. */
  ended: 'finished' | 'failed' | undefined;

  private started: { controller: string; seed: number; steps: number; layers: number } | undefined;
  private step = 0;
  private recent: Step[] = [];
  private changes: Change[] = [];
  /** Changes within so many steps are told as one. */
  private slot = 1;
  private warnings = 0;
  private lastValidation: number | null = null;
  private decision: LastDecision | null = null;
  /** Training steps before each window that may still get its reward. */
  private readonly openWindows = new Map<number, number>();
  private readonly curves = {
    loss: new ThinnedCurve(),
    reward: new ThinnedCurve(),
    epsilon: new ThinnedCurve(),
    value: new ThinnedCurve(),
  };
  private readonly validation = new ThinnedCurve();

  observe(event: ShownEvent): void {
    switch (event.type) {
      case 'run.started':
        this.started = { ...event, layers: event.tieMap.length };
        return this.change({ step: 0, tieMap: event.tieMap });
      case 'window.opened':
        this.openWindows.set(event.window, event.step);
        if (this.openWindows.size > MOST_OPEN_WINDOWS)
          this.openWindows.delete(this.openWindows.keys().next().value as number);
        return;
      case 'tying.decided':
        return this.decided(event);
      case 'tying.applied':
        return this.change({ step: this.step, tieMap: event.tieMap });
      case 'step.completed':
        this.step = event.step;
        this.recent.push(event);
        if (this.recent.length > SPEED_STEPS) this.recent.shift();
        return this.curves.loss.add(event.step, event.loss);
      case 'reward.measured':
        this.curves.reward.add(this.openWindows.get(event.window) ?? this.step, event.reward);
        if (this.decision?.window === event.window)
          this.decision = { ...this.decision, reward: event.reward };
        return;
      case 'evaluation.completed':
        if (event.split !== 'validation') return;
        this.lastValidation = event.metrics.nats ?? null;
        return this.validation.add(event.step, event.metrics.nats);
      case 'diagnostic.raised':
        this.warnings += 1;
        return;
      case 'run.diverged':
        return this.forgetAfter(event.resumedStep ?? this.step);
      case 'run.completed':
        this.ended = 'finished';
        return;
      case 'run.failed':
        this.ended = 'failed';
        return;
    }
  }

  told(): Told {
    const { started, recent } = this;
    const milliseconds = recent.reduce((sum, { durationMs }) => sum + durationMs, 0);
    const tokens = recent.reduce((sum, one) => sum + one.tokens, 0);
    const map = this.changes.at(-1)?.tieMap;
    return {
      controller: started?.controller ?? '',
      seed: started?.seed ?? null,
      layers: started?.layers ?? null,
      step: this.step,
      steps: started?.steps ?? null,
      loss: mean(finite(recent.slice(-LOSS_STEPS).map(({ loss }) => loss))),
      validation: this.lastValidation,
      ownBlocks: map ? independentLayers(map).length : null,
      tokensPerSecond: milliseconds > 0 ? (1000 * tokens) / milliseconds : null,
      warnings: this.warnings,
    };
  }

  /** @param most points of each curve */
  detail(id: string, most: number): RunDetail {
    const layers = this.started?.layers ?? 0;
    const drawn = {
      layers,
      tieMaps: this.changes.map((one) => ({ ...one, window: 0 })),
      steps: Math.max(1, this.step),
    };
    return {
      id,
      layers,
      steps: Math.max(1, this.step, this.started?.steps ?? 0),
      step: this.step,
      curves: {
        loss: this.curves.loss.points(most),
        reward: this.curves.reward.points(most),
        epsilon: this.curves.epsilon.points(most),
        value: this.curves.value.points(most),
      },
      validation: this.validation.points(most),
      stretches: tieMapSegments(drawn, Math.min(RESOLUTION, MOST_STRETCHES / Math.max(1, layers))).map(
        ({ layer, owner, from, to }): Stretch => [layer, owner, from, to],
      ),
      decision: this.decision,
    };
  }

  private decided({
    window,
    layer,
    source,
    kind,
    notes,
  }: Extract<ShownEvent, { type: 'tying.decided' }>): void {
    const step = this.openWindows.get(window) ?? this.step;
    const values = finite(notes.values ?? []);
    this.decision = {
      ...{ window, step, layer, source, kind, values, reward: null },
      explored: notes.explored ?? null,
      epsilon: notes.epsilon ?? null,
    };
    this.curves.epsilon.add(step, notes.epsilon);
    // What the controller thinks the best action is worth, whether it took it or not.
    if (values.length > 0) this.curves.value.add(step, Math.max(...values));
  }

  /** Only changes are kept; of those that fall into one slot, the last one, from the slot's first step on. */
  private change({ step, tieMap }: Change): void {
    const map = canonicalTieMap(tieMap);
    if (this.started && map.length !== this.started.layers) return;
    if (this.changes.at(-1)?.tieMap.join() === map.join()) return;
    this.keep({ step, tieMap: map });
    if (this.changes.length <= MOST_CHANGES) return;
    const all = this.changes;
    this.changes = [];
    // Far apart as they may be, at some width half of them share a slot.
    this.slot *= 2;
    for (const one of all) this.keep(one);
  }

  private keep(change: Change): void {
    const last = this.changes.at(-1);
    const slot = ({ step }: Change): number => Math.floor(step / this.slot);
    if (last && last.step > 0 && slot(last) === slot(change))
      this.changes[this.changes.length - 1] = { ...change, step: last.step };
    else this.changes.push(change);
  }

  /** A roll-back: what came after its checkpoint did not happen. */
  private forgetAfter(step: number): void {
    this.step = Math.min(this.step, step);
    this.recent = this.recent.filter((one) => one.step <= step);
    this.changes = this.changes.filter((one) => one.step <= step);
    for (const curve of [...Object.values(this.curves), this.validation]) curve.dropAfter(step);
  }
}

/**
 * What the log of a run has told so far, in bounded memory: the fold of its events with a short past, and on top of it
 * what is drawn, thinned.
 */
import { canonicalTieMap, independentLayers, lastMetrics, RunFold, largest } from '@ligature/core';
import type { EventOf, LigatureEvent, MetricSpec, WindowTrace } from '@ligature/core';
import { isBesideLoss, measuredOf, metricTitle, tieMapSegments, type Measured } from '@ligature/report';
import { ThinnedCurve } from './thinned-curve.js';
import type { LastDecision, RunDetail, RunSummary, Stretch } from './wire.js';

/** Steps that the loss of the table is the mean of. */
const LOSS_STEPS = 20;
/** Steps that the speed is taken over. */
const SPEED_STEPS = 50;
/** Steps and windows that the fold keeps: enough for what is shown, also after a roll-back. */
const LIMITS = { steps: 512, windows: 64 };
/** Changes of the map that are told apart: more than a screen has columns. */
const MOST_CHANGES = 2048;
/** Changes that are sent: a picture cannot show more than its width. */
const RESOLUTION = 720;
/** Stretches that are sent at most, however many layers a log claims. */
const MOST_STRETCHES = 40_000;

interface Change {
  readonly step: number;
  readonly tieMap: readonly number[];
}

type Told = Omit<RunSummary, 'id' | 'name' | 'state' | 'damagedLines' | 'loading'>;

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

export class RunHistory {
  private readonly fold = new RunFold({ limits: LIMITS });
  private changes: Change[] = [];
  /** Changes within so many steps are told as one. */
  private slot = 1;
  private readonly curves = {
    loss: new ThinnedCurve(),
    reward: new ThinnedCurve(),
    epsilon: new ThinnedCurve(),
    value: new ThinnedCurve(),
  };
  private readonly validation = new ThinnedCurve();

  /** How the log says that the run ended. */
  get ended(): 'finished' | 'failed' | undefined {
    const { outcome } = this.fold.state;
    return outcome === 'completed' ? 'finished' : outcome === 'failed' ? 'failed' : undefined;
  }

  observe(event: LigatureEvent): void {
    this.fold.observe(event);
    switch (event.type) {
      case 'run.started':
        return this.change({ step: 0, tieMap: event.tieMap });
      case 'tying.decided':
        return this.decided(event);
      case 'tying.applied':
        return this.change({ step: this.windowOf(event.window)?.from ?? this.step, tieMap: event.tieMap });
      case 'step.completed':
        return this.curves.loss.add(event.step, event.loss);
      case 'reward.measured':
        return this.curves.reward.add(this.windowOf(event.window)?.from ?? this.step, event.reward);
      case 'evaluation.completed':
        // Of an earlier step's weights it is no point of the curve here.
        if (event.split === 'validation' && (event.weightsOf ?? event.step) === event.step)
          this.validation.add(event.step, event.metrics[this.primary.name]);
        return;
      case 'run.diverged':
        if (event.resumedStep !== null) this.forgetAfter(event.resumedStep);
    }
  }

  told(): Told {
    const { started, step, plannedSteps, steps, tieMap, evaluations, diagnosticCount, missingSteps } =
      this.fold.state;
    const recent = steps.slice(-SPEED_STEPS);
    const milliseconds = recent.reduce((sum, { durationMs }) => sum + durationMs, 0);
    const tokens = recent.reduce((sum, { stepTokens }) => sum + stepTokens, 0);
    const losses = recent.slice(-LOSS_STEPS).map(({ loss }) => loss);
    const validation = lastMetrics({ evaluations }, 'validation')[this.primary.name];
    return {
      controller: started?.controller ?? '',
      seed: started?.seed ?? null,
      layers: started?.tieMap.length ?? (tieMap.length || null),
      step,
      steps: plannedSteps ?? null,
      loss: mean(losses.filter(Number.isFinite)),
      validation: validation !== undefined && Number.isFinite(validation) ? validation : null,
      ownBlocks: tieMap.length > 0 ? independentLayers(canonicalTieMap(tieMap)).length : null,
      tokensPerSecond: milliseconds > 0 ? (1000 * tokens) / milliseconds : null,
      warnings: diagnosticCount,
      ...(missingSteps !== undefined && { missingSteps }),
      unit: this.measured.unit,
    };
  }

  /** @param most points of each curve */
  detail(id: string, most: number): RunDetail {
    const { step, plannedSteps = 0, started, tieMap } = this.fold.state;
    const layers = started?.tieMap.length ?? tieMap.length;
    const drawn = {
      layers,
      tieMaps: this.changes.map((one) => ({ ...one, window: 0 })),
      steps: Math.max(1, step),
    };
    return {
      id,
      layers,
      steps: Math.max(1, step, plannedSteps),
      step,
      curves: {
        loss: this.curves.loss.points(most),
        reward: this.curves.reward.points(most),
        epsilon: this.curves.epsilon.points(most),
        value: this.curves.value.points(most),
      },
      validation: this.validation.points(most),
      axes: this.axes(),
      stretches: tieMapSegments(drawn, Math.min(RESOLUTION, MOST_STRETCHES / Math.max(1, layers))).map(
        ({ layer, owner, from, to }): Stretch => [layer, owner, from, to],
      ),
      decision: this.lastDecision(),
    };
  }

  private get step(): number {
    return this.fold.state.step;
  }

  private get measured(): Measured {
    return measuredOf(this.fold.state.started);
  }

  /** By which the run is judged. */
  private get primary(): MetricSpec {
    return this.measured.metrics[0] as MetricSpec;
  }

  private axes(): RunDetail['axes'] {
    const { lossUnit } = this.measured;
    return {
      loss: lossUnit,
      validation: metricTitle(this.primary, lossUnit),
      together: isBesideLoss(this.primary, lossUnit),
    };
  }

  private windowOf(window: number): WindowTrace | undefined {
    return this.fold.state.windows.findLast((one) => one.window === window);
  }

  private decided({ window, notes }: EventOf<'tying.decided'>): void {
    const step = this.windowOf(window)?.from ?? this.step;
    const values = (notes.values ?? []).filter(Number.isFinite);
    this.curves.epsilon.add(step, notes.epsilon);
    // What the controller thinks the best action is worth, whether it took it or not.
    if (values.length > 0) this.curves.value.add(step, largest(values));
  }

  private lastDecision(): LastDecision | null {
    const last = this.fold.state.windows.findLast(({ decision }) => decision !== undefined);
    if (!last?.decision) return null;
    const { kind, source, notes } = last.decision;
    return {
      ...{ window: last.window, step: last.from, source, kind },
      // A decision on the whole map is on no layer.
      layer: kind === 'map' ? null : last.layer,
      values: (notes.values ?? []).filter(Number.isFinite),
      reward: last.reward && Number.isFinite(last.reward.reward) ? last.reward.reward : null,
      explored: notes.explored ?? null,
      epsilon: notes.epsilon !== undefined && Number.isFinite(notes.epsilon) ? notes.epsilon : null,
    };
  }

  /** Only changes are kept; of those that fall into one slot, the last one, from the slot's first step on. */
  private change({ step, tieMap }: Change): void {
    const map = canonicalTieMap(tieMap);
    const layers = this.fold.state.started?.tieMap.length;
    if (layers !== undefined && map.length !== layers) return;
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

  /** As the fold does: a window that opened at the step of the checkpoint did not happen. */
  private forgetAfter(step: number): void {
    this.changes = this.changes.filter((one, index) => index === 0 || one.step < step);
    for (const curve of [this.curves.loss, this.validation]) curve.dropAfter(step);
    for (const curve of [this.curves.epsilon, this.curves.value]) curve.dropAfter(step - 1);
    const { windows, tieMap } = this.fold.state;
    const open = windows.at(-1);
    this.curves.reward.dropAfter((open && !open.reward ? Math.min(open.from, step) : step) - 1);
    // Changes that shared a slot with one that stays may have been put in its place.
    if (tieMap.length > 0) this.change({ step, tieMap });
  }
}

/** Gathers from the events of a run what its result reports. */
import { median } from 'simple-statistics';
import type { EventBus, Metrics, SplitName, TieMap } from '@ligature/core';
import type { DiagnosticNote, LossPoint, TieMapChange } from './results.js';

export class Collector {
  readonly tieMaps: TieMapChange[] = [];
  readonly losses: LossPoint[] = [];
  readonly diagnostics: DiagnosticNote[] = [];
  tokens = 0;
  trainingMs = 0;
  private readonly rates: number[] = [];
  private readonly evaluations = new Map<SplitName, Metrics>();

  attach(bus: EventBus): void {
    bus.on('run.started', 'result collector').subscribe(({ tieMap }) => this.note(0, 0, tieMap));
    let step = 0;
    bus.on('window.opened', 'result collector').subscribe((event) => (step = event.step));
    bus
      .on('tying.applied', 'result collector')
      .subscribe(({ window, tieMap }) => this.note(step, window, tieMap));
    bus.on('step.completed', 'result collector').subscribe((event) => {
      this.losses.push({ step: event.step, loss: event.loss });
      this.tokens += event.tokens;
      this.trainingMs += event.durationMs;
      this.rates.push((1000 * event.tokens) / event.durationMs);
    });
    bus
      .on('evaluation.completed', 'result collector')
      .subscribe(({ split, metrics }) => this.evaluations.set(split, metrics));
    bus
      .on('diagnostic.raised', 'result collector')
      .subscribe(({ code, window, message }) => this.diagnostics.push({ code, window, message }));
  }

  /** The last evaluation of a split; empty when the run was stopped before one. */
  metrics(split: SplitName): Metrics {
    return this.evaluations.get(split) ?? {};
  }

  /** Median over steps without the first two, which compile kernels and grow memory. */
  tokensPerSecond(): number {
    const warm = this.rates.length > 2 ? this.rates.slice(2) : this.rates;
    return warm.length > 0 ? median(warm) : 0;
  }

  /** Only changes are kept: a window that leaves the map as it is adds nothing to the picture. */
  private note(step: number, window: number, tieMap: TieMap): void {
    if (this.tieMaps.at(-1)?.tieMap.join() !== tieMap.join()) this.tieMaps.push({ step, window, tieMap });
  }
}

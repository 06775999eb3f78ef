/**
 * Folders of runs with made-up logs, in the form of `events.jsonl`, that can grow like that of a run which trains.
 */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LigatureEvent } from '@ligature/core';
import { onTestFinished } from 'vitest';

/** An event without what the page does not show, or a wrong one. */
type Loose = Record<string, unknown> & { readonly type: LigatureEvent['type'] };

export const LEDGER = {
  ...{ layers: 1, independentLayers: 1, distinctStorages: {}, uniqueParameters: 1, trainableParameters: 1 },
  ...{ loggedTrainableParameters: 1, totalParameters: 1 },
  bytes: { weights: 1, gradients: 1, moments: 1, activations: 1 },
  flops: { forward: 1, backward: 2, step: 3 },
};

/** What the page does not show, and a log has all the same. */
export const REST: Partial<Record<LigatureEvent['type'], object>> = {
  'run.started': { layers: 1, ledger: LEDGER },
  'tying.applied': { previous: [0], state: [0], tied: 0, untied: 0, ledger: LEDGER },
  'step.completed': { window: 0, gradientNorm: 1, learningRate: 1e-3 },
  'reward.measured': { raw: 0, saturated: false },
  'run.diverged': { window: 0, loss: 'NaN', gradientNorm: 1, learningRate: 1, action: 'rollback' },
  'run.completed': { ledger: LEDGER },
};

/** What a run says when it starts of a task that is no language model. */
export const ROWS = {
  ...{ task: 'classify', unit: 'rows', lossUnit: 'nats per row' },
  metrics: [
    { name: 'accuracy', unit: '%', better: 'higher' },
    { name: 'loss', unit: 'nats', better: 'lower' },
  ],
};

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-dashboard-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface MadeRunOptions {
  readonly controller?: string;
  readonly seed?: number;
  readonly layers?: number;
  readonly steps?: number;
  /** Steps under one map. */
  readonly window?: number;
}

/** A run that decides on one layer after the other: layer, then source, by a rule that repeats. */
export class MadeRun {
  step = 0;
  private window = 0;
  private tieMap: number[];
  private readonly options: Required<MadeRunOptions>;

  constructor(
    readonly folder: string,
    options: MadeRunOptions = {},
    task: object = {},
  ) {
    this.options = { controller: 'q-learning', seed: 1, layers: 6, steps: 200, window: 5, ...options };
    const { layers, seed, steps, controller } = this.options;
    this.tieMap = Array.from({ length: layers }, (_, layer) => layer);
    mkdirSync(folder, { recursive: true });
    this.write({ type: 'run.started', seed, layers, steps, controller, tieMap: this.tieMap, ...task });
  }

  get map(): readonly number[] {
    return this.tieMap;
  }

  /** Trains on until so many steps are done. */
  until(step: number): this {
    const { layers, window, seed } = this.options;
    const lines: Loose[] = [];
    while (this.step < step) {
      const index = this.window;
      const layer = 1 + (index % (layers - 1));
      const epsilon = Math.max(0.05, 1 - index / 40);
      const values = Array.from({ length: layer + 1 }, (_, at) => Math.sin(index + at + seed));
      const source = (index * 7 + seed) % (layer + 1);
      const previous = this.tieMap;
      this.tieMap = previous.with(layer, source === layer ? layer : (previous[source] as number));
      this.tieMap = this.tieMap.map((owner, at) => (owner === at ? at : (this.tieMap[owner] as number)));
      lines.push(
        {
          type: 'window.opened',
          window: index,
          sweep: Math.floor(index / (layers - 1)),
          layer,
          step: this.step,
        },
        {
          type: 'tying.decided',
          ...{ window: index, layer, source, kind: 'layer' },
          notes: { explored: index % 3 === 0, epsilon, values },
        },
        { type: 'tying.applied', window: index, previous, tieMap: this.tieMap, state: this.tieMap },
      );
      for (let done = 0; done < window; done += 1) {
        this.step += 1;
        const loss = 2.5 + 3 * Math.exp(-this.step / 60) + 0.1 * Math.sin(this.step * (1 + seed / 7));
        lines.push({
          type: 'step.completed',
          ...{ step: this.step, window: index, loss, gradientNorm: 1 },
          ...{ learningRate: 1e-3, tokens: 512, durationMs: 20 + (this.step % 5) },
        });
      }
      const reward = 0.3 * Math.cos(index / 3 + seed);
      lines.push({ type: 'reward.measured', window: index, reward, raw: reward, saturated: false });
      this.window += 1;
    }
    this.write(...lines);
    return this;
  }

  /** Comes to its end. */
  complete(): this {
    this.until(this.options.steps);
    const metrics = { nats: 2.75, perplexity: Math.exp(2.75) };
    const { step } = this;
    this.write(
      { type: 'evaluation.completed', step, split: 'validation', metrics, durationMs: 1 },
      { type: 'run.completed', step, tokens: 512 * step, tieMap: this.tieMap, durationMs: 1 },
    );
    return this;
  }

  write(...events: Loose[]): void {
    this.append(events.map((event) => `${JSON.stringify({ ...REST[event.type], ...event })}\n`).join(''));
  }

  append(text: string): void {
    appendFileSync(join(this.folder, 'events.jsonl'), text);
  }
}

/** A run folder made by hand: three layers, windows of two steps, one decision in each, every number known. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ledger, LigatureEvent, RunConfigInput } from '@ligature/core';
import { onTestFinished } from 'vitest';
import { trial } from './synthetic.js';

export const HOSTILE = '</script><img src=x onerror=alert(1)><!-- "\'&';

const ledgerOf = (tieMap: readonly number[], step: number): Ledger => ({
  ...trial('x', 1, 2, tieMap).ledger,
  flops: { forward: step, backward: 2 * step, step: 3 * step },
});

/** Windows of two steps of 32 tokens and 100 ms; the losses fall by 0.01 a step. */
export function eventsOf(windows: number, controller = 'random'): LigatureEvent[] {
  const untied = [0, 1, 2];
  const events: LigatureEvent[] = [
    {
      ...{ type: 'run.started', seed: 1, layers: 3, steps: 2 * windows },
      ...{ controller, tieMap: untied, ledger: ledgerOf(untied, 10) },
    },
  ];
  let previous: readonly number[] = untied;
  for (let window = 0; window < windows; window += 1) {
    const layer = (window % 2) + 1;
    const source = window % 3 === 0 ? layer : 0;
    const tieMap = previous.map((owner, index) => (index === layer ? source : owner));
    const step = 2 * window;
    events.push(
      { type: 'window.opened', window, sweep: Math.floor(window / 2), layer, step },
      {
        ...{ type: 'tying.decided', window, layer, source, kind: 'layer' },
        notes: { explored: window % 2 === 0, epsilon: 1 / (window + 1), values: [0.5, -0.25] },
      },
      {
        ...{ type: 'tying.applied', window, previous, tieMap, state: tieMap, tied: 1, untied: 0 },
        ledger: ledgerOf(tieMap, 5),
      },
    );
    for (const at of [step + 1, step + 2]) {
      events.push({
        ...{
          type: 'step.completed',
          step: at,
          window,
          loss: 5 - at / 100,
          gradientNorm: 1,
          learningRate: 0.001,
        },
        ...{ tokens: 32, durationMs: 100 },
      });
    }
    events.push(
      { type: 'window.closed', window, layer, step: step + 2, losses: [4, 4], truncated: false },
      {
        type: 'reward.measured',
        window,
        reward: window === 1 ? 1 : 0.1,
        raw: window === 1 ? 3 : 0.1,
        saturated: window === 1,
      },
      { type: 'controller.learned', window, report: { loss: 1 / (window + 1) } },
    );
    previous = tieMap;
  }
  return events;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ligature-report-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** @returns the folder */
export function writeRun(
  folder: string,
  {
    windows = 20,
    controller = 'random',
    dataset = 'tiny',
    message,
  }: { windows?: number; controller?: string; dataset?: string; message?: string } = {},
): string {
  mkdirSync(folder, { recursive: true });
  const config: RunConfigInput = {
    ...{ seed: 1, dataset, tokenizer: 'byte' },
    model: { layers: 3, width: 8, heads: 2, context: 16 },
    training: { steps: 2 * windows, batch: 2 },
  };
  const events: LigatureEvent[] = [
    ...eventsOf(windows, controller),
    ...(message === undefined
      ? []
      : [{ type: 'diagnostic.raised', code: 'made-up', window: 3, message, evidence: {} } as const]),
    {
      type: 'evaluation.completed',
      step: 2 * windows,
      split: 'validation',
      metrics: { nats: 4.5 },
      durationMs: 1,
    },
  ];
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  writeFileSync(
    join(folder, 'manifest.json'),
    JSON.stringify({
      format: 1,
      command: ['train', '--dataset', dataset],
      ligature: '0.1.0',
      machine: { cpu: controller },
    }),
  );
  return folder;
}

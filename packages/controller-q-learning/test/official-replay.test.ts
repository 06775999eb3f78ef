/**
 * The learner against the official implementation: `official-4-layers.json` and the q.* tensors beside it hold
 * windows executed with tamirdh/Dynamic-Layer-Tying at commit f1f1529 under PyTorch 1.13 (fp32).
 */
import { readFileSync } from 'node:fs';
import { canonicalTieMap } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { officialOptions } from '../src/index.js';
import type { QWeights } from '../src/index.js';
import { learner, observe } from './support.js';

interface Window {
  layer: number;
  action: number;
  reward: number;
  state: number[];
  q_predicted: number;
  q_target: number;
  q_loss: number;
}

const fixture = (name: string): Buffer => readFileSync(new URL(`fixtures/${name}`, import.meta.url));

/** Float32 tensors of a safetensors file: 8 bytes of header length, a JSON header, the data. */
function readTensors(bytes: Buffer): Record<string, Float32Array> {
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  return Object.fromEntries(
    Object.entries(header).map(([name, { data_offsets }]) => {
      const data = bytes.subarray(start + data_offsets[0], start + data_offsets[1]);
      return [name, Float32Array.from({ length: data.length / 4 }, (_, i) => data.readFloatLE(4 * i))];
    }),
  );
}

const { windows } = JSON.parse(fixture('official-4-layers.json').toString()) as { windows: Window[] };
const weights = readTensors(fixture('official-4-layers.q.safetensors')) as unknown as QWeights;

function deviation(options = officialOptions): number {
  const controller = learner(4, options);
  controller.loadWeights(weights);
  let state = [0, 0, 0, 0];
  let largest = 0;
  windows.forEach((window, index) => {
    const { layer, action } = window;
    const report = controller.learn({
      observation: observe(index, canonicalTieMap(state), state),
      decision: { kind: 'layer', layer, source: action },
      reward: window.reward,
      next: observe(index + 1, canonicalTieMap(window.state), window.state),
      terminated: false,
      truncated: false,
    })!;
    largest = Math.max(
      largest,
      Math.abs(report.predicted! - window.q_predicted),
      Math.abs(report.target! - window.q_target),
      Math.abs(report.loss! - window.q_loss),
    );
    ({ state } = window);
  });
  return largest;
}

describe('officialOptions against the official code', () => {
  it('replays predicted, target and loss of every window', () => {
    expect(windows).toHaveLength(12);
    expect(deviation()).toBeLessThan(1e-3);
  });

  it.each([
    ['the slice that is bootstrapped from', { bootstrap: 'next-layer' as const }],
    ['the clipping', { rewardClip: null }],
    ['the learning rate', { learningRate: 2e-3 }],
    ['the state encoding', { stateEncoding: 'normalised' as const }],
  ])('would notice a change of %s', (_, change) => {
    expect(deviation({ ...officialOptions, ...change })).toBeGreaterThan(1e-2);
  });
});

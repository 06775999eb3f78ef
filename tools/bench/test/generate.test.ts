/** `bench generate` as it is run. No assertion on how fast anything is. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { GenerateMeasurement } from '../measures/generate.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

it('bench generate writes the same text with the cache and without, past the context too', () => {
  const command = ['--conditions=@ligature/source', '--import', 'tsx', 'tools/bench/main.ts', 'generate'];
  const flags = '--backend onnxruntime,wasm --workload tiny --prompt 60 --tokens 6 --json'.split(' ');
  const { status, stdout, stderr } = spawnSync(process.execPath, [...command, ...flags], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  const { results, ...rest } = JSON.parse(stdout) as { results: GenerateMeasurement[] };
  expect(rest).toEqual({ workload: 'tiny', prompt: 60, tokens: 6 });
  expect(results.map(({ backend, sameText }) => [backend, sameText])).toEqual([
    ['onnxruntime', true],
    ['wasm', true],
  ]);
  for (const { cached, whole, speedup } of results) {
    expect(speedup).toBeCloseTo(cached.tokensPerSecond / whole.tokensPerSecond, 9);
    expect(Math.min(cached.firstSeconds, whole.firstSeconds)).toBeGreaterThan(0);
  }
});

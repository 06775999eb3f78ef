/** The command as it is run: what it prints where, and what it refuses. No assertion on how fast anything is. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { table } from '../table.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

function bench(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const command = ['--conditions=@ligature/source', '--import', 'tsx', 'tools/bench/main.ts', ...args];
  return spawnSync(process.execPath, command, { cwd: root, encoding: 'utf8' });
}

describe('bench step', () => {
  it('prints one JSON object and nothing else', () => {
    const names = 'wasm,wasm-stock';
    const { status, stdout, stderr } = bench(
      'step',
      '--backend',
      names,
      '--workload',
      'tiny',
      '--steps',
      '1',
      '--json',
    );
    expect(stderr).toContain('wasm-stock: WebAssembly with SIMD, 1 thread, stock kernels');
    expect(status).toBe(0);
    const { workload, results, ...rest } = JSON.parse(stdout) as {
      workload: string;
      results: Record<string, number | string>[];
    };
    expect([workload, rest]).toEqual(['tiny', {}]);
    expect(results.map(({ backend }) => backend)).toEqual(names.split(','));
    for (const result of results) {
      const { secondsPerStep, tokensPerSecond, gflops, peakResidentBytes, ...others } = result as Record<
        string,
        number
      >;
      expect(Object.keys(others)).toEqual(['backend']);
      expect(tokensPerSecond! * secondsPerStep!).toBeCloseTo(4 * 64, 6);
      // By hand: three times, per layer 24 width^2 a token and 4 context width a token, and the head.
      const flops = 3 * 256 * (4 * (24 * 64 ** 2 + 4 * 64 * 64) + 2 * 64 * 1024);
      expect((gflops! * secondsPerStep! * 1e9) / flops).toBeCloseTo(1, 6);
      expect(peakResidentBytes).toBeGreaterThan(50 * 2 ** 20);
    }
  });

  it.each([
    [['step', '--bakend', 'wasm'], "unknown option '--bakend'"],
    [['step', '--steps', '0'], 'It must be an integer of at least 1.'],
    [['step', '--workload', 'maxi'], 'Allowed choices are mini, tiny.'],
    [['step', '--backend', 'wasm,'], 'Write names with commas between them'],
    [['step', '--backend', 'wasmm'], 'Did you mean "wasm"?'],
    [['stp'], "unknown command 'stp'"],
  ])('refuses %j with status 2', (args, message) => {
    const { status, stdout, stderr } = bench(...args);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([2, '']);
  });
});

it('lines numbers up on the right', () => {
  expect(
    table(
      ['name', 'n'],
      [
        ['a', '1'],
        ['longer', '100'],
      ],
    ),
  ).toBe('name      n\n------  ---\na         1\nlonger  100');
});

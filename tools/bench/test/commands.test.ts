/** The commands as they are run: what they print where, and what they refuse. No assertion on how fast anything is. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import type { AgainstResult } from '../commands/step-against.js';
import { findTokenizers } from '../hugging-face/peer.js';
import type { EncodeMeasurement } from '../measures/encode.js';
import type { MatmulMeasurement } from '../measures/matmul.js';
import type { MemoryMeasurement } from '../measures/memory.js';
import type { ProfileMeasurement } from '../measures/profile.js';
import type { SwitchingMeasurement } from '../measures/switching.js';
import { summarizeRounds } from '../paired.js';
import { bench as benchHere } from '../program.js';
import { findPytorch } from '../pytorch/peer.js';
import { table } from '../table.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function bench(line: string): Ended {
  const command = ['--conditions=@ligature/source', '--import', 'tsx', 'tools/bench/main.ts'];
  return spawnSync(process.execPath, [...command, ...line.split(' ')], { cwd: root, encoding: 'utf8' });
}

/** Without a process, which would load every package to refuse a word. */
async function inThisProcess(line: string): Promise<Ended> {
  const texts = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      texts[name] += String(text);
      return true;
    }),
  );
  try {
    return { status: await benchHere(line.split(' ')), ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

/** The one JSON object that a command prints. */
function json<T>(line: string): T {
  const { status, stdout, stderr } = bench(`${line} --json`);
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

const missing = ((): string | null => {
  try {
    findPytorch();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
})();

// By hand: three times, per layer 24 width^2 a token and 4 context width a token, and the head.
const TINY_FLOPS = 3 * 256 * (4 * (24 * 64 ** 2 + 4 * 64 * 64) + 2 * 64 * 1024);

describe('bench step', () => {
  it('prints one JSON object and nothing else', () => {
    const names = 'onnxruntime,wasm-stock';
    const line = `step --backend ${names} --workload tiny --steps 1 --peak-size 64 --threads 1 --json`;
    const { status, stdout, stderr } = bench(line);
    expect(stderr).toContain('wasm-stock: WebAssembly with SIMD, 1 thread, stock kernels');
    expect(stderr).toContain('onnxruntime: ONNX Runtime, 1 thread\n');
    expect(status).toBe(0);
    const { workload, threads, results, ...rest } = JSON.parse(stdout) as {
      workload: string;
      threads: number;
      results: (Record<string, number> & { javascriptShare: number | null })[];
    };
    expect([workload, threads, rest]).toEqual(['tiny', 1, {}]);
    expect(results.map(({ backend }) => backend)).toEqual(names.split(','));
    for (const result of results) {
      const { secondsPerStep, tokensPerSecond, gflops, peakResidentBytes, ...others } = result;
      const { matmulGflops, shareOfMatmul, ratio, ...more } = others;
      expect(Object.keys(more).sort()).toEqual(['backend', 'javascriptShare']);
      expect(tokensPerSecond! * secondsPerStep!).toBeCloseTo(4 * 64, 6);
      expect((gflops! * secondsPerStep! * 1e9) / TINY_FLOPS).toBeCloseTo(1, 6);
      expect(peakResidentBytes).toBeGreaterThan(50 * 2 ** 20);
      expect(shareOfMatmul! * matmulGflops!).toBeCloseTo(gflops!, 9);
      expect(ratio! * results[0]!['secondsPerStep']!).toBeCloseTo(secondsPerStep!, 9);
    }
    // Something of a step is JavaScript, something is not; on wasm nobody can tell.
    expect(results[0]!.javascriptShare).toBeGreaterThan(0);
    expect(results[0]!.javascriptShare).toBeLessThan(1);
    expect(results[1]!.javascriptShare).toBeNull();
  });

  it.skipIf(missing !== null)(
    'takes the same steps in PyTorch',
    () => {
      const line = 'step --backend wasm --workload tiny --steps 1 --warmup 0 --peak-size 64 --pytorch';
      const { results } = json<{ results: Record<string, number | string>[] }>(line);
      expect(results.map(({ backend }) => backend)).toEqual(['wasm', 'pytorch', 'pytorch-skylakex']);
      for (const { secondsPerStep, gflops, version } of results.slice(1)) {
        expect(version).toMatch(/^\d+\.\d+/);
        expect(((gflops as number) * (secondsPerStep as number) * 1e9) / TINY_FLOPS).toBeCloseTo(1, 6);
      }
    },
    180_000,
  );
  if (missing !== null) console.log(`not tested: bench step --pytorch: ${missing}`);

  it('says how to get PyTorch where there is none', () => {
    const find = (): string => findPytorch(['no-such-python', process.execPath]);
    expect(find).toThrow(/no python3 with torch: no-such-python: .*ENOENT; .*pip install torch/s);
  });
});

describe('bench step --against', () => {
  it('measures the other checkout and this one in turn', () => {
    // Against itself: nothing is said about how the two compare.
    const line = 'step --against . --rounds 2 --backend wasm --workload tiny --steps 1 --warmup 0 --json';
    const { status, stdout, stderr } = bench(line);
    expect(status, stderr).toBe(0);
    const order = [...stderr.matchAll(/^round (\d)\/2, (\w+)$/gm)].map(([, round, side]) => [round, side]);
    expect(order).toEqual([
      ['1', 'before'],
      ['1', 'now'],
      ['2', 'now'],
      ['2', 'before'],
    ]);
    const { workload, results } = JSON.parse(stdout) as { workload: string; results: AgainstResult[] };
    expect(workload).toBe('tiny');
    const [{ backend, rounds, ...summary }] = results as [AgainstResult];
    expect([backend, rounds.length, results.length]).toEqual(['wasm', 2, 1]);
    expect(summary).toEqual(summarizeRounds(rounds));
    for (const { before, now } of rounds) expect(Math.min(before, now)).toBeGreaterThan(0);
  });

  it('compares within rounds, so that a machine that slows down changes no ratio', () => {
    const rounds = [
      { before: 1, now: 1.02 },
      { before: 2, now: 2.1 },
      { before: 4, now: 4 },
    ];
    const found = summarizeRounds(rounds);
    expect(found).toMatchObject({ before: 2, now: 2.1, lowest: 1, fastest: 1.02 });
    expect(found.ratio).toBeCloseTo(1.02, 12);
    expect(found.highest).toBeCloseTo(1.05, 12);
  });
});

describe('other commands', () => {
  it('matmul prints the best and the median of several products', () => {
    const { size, results } = json<{ size: number; results: MatmulMeasurement[] }>(
      'matmul --backend onnxruntime,wasm --size 96',
    );
    expect(size).toBe(96);
    for (const { bestGflops, medianGflops, repetitions } of results) {
      expect(repetitions).toBeGreaterThanOrEqual(5);
      expect(bestGflops).toBeGreaterThanOrEqual(medianGflops);
    }
    expect(results.map(({ backend }) => backend)).toEqual(['onnxruntime', 'wasm']);
  });

  it('profile accounts for the time in all nodes', () => {
    const found = json<ProfileMeasurement>('profile --workload tiny --steps 2 --warmup 1');
    expect(found.sessionSecondsPerStep + found.javascriptSecondsPerStep).toBeCloseTo(found.secondsPerStep, 9);
    for (const list of [found.operators, found.kernels, found.graphs]) {
      expect(list.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 6);
    }
    // All products of the step, and the profiles of the timed steps only.
    const { gflops, millisecondsPerStep } = found.products;
    expect((gflops! * millisecondsPerStep * 1e6) / TINY_FLOPS).toBeCloseTo(1, 1);
    expect(found.nodeMillisecondsPerStep).toBeLessThan(1000 * found.sessionSecondsPerStep);
  });

  it('switching changes the map with every window and counts what was compiled', () => {
    const { results } = json<{ results: SwitchingMeasurement[] }>(
      'switching --backend onnxruntime,wasm --workload tiny --windows 3 --window-steps 2',
    );
    const [onnxruntime, wasm] = results as [SwitchingMeasurement, SwitchingMeasurement];
    expect(onnxruntime).toMatchObject({ windows: 3, windowSteps: 2, differentMaps: 3, evictions: 0 });
    expect(onnxruntime.graphsCompiled).toBeGreaterThan(0);
    expect(onnxruntime.compileShare * onnxruntime.seconds).toBeCloseTo(onnxruntime.compileSeconds, 9);
    expect(onnxruntime.compileShare).toBeLessThan(1);
    expect(wasm).toMatchObject({ differentMaps: 3, compileSeconds: 0, graphsCompiled: 0, traces: 0 });
  });

  it('memory samples the whole run', () => {
    const { results } = json<{ results: MemoryMeasurement[] }>('memory --workload tiny --steps 8');
    const [{ course, peakResidentBytes }] = results as [MemoryMeasurement];
    expect(course.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(Math.max(...course.map(({ residentBytes }) => residentBytes))).toBeLessThanOrEqual(
      peakResidentBytes,
    );
  });
});

it.each([
  ['step --bakend wasm', "unknown option '--bakend'"],
  ['step --steps 0', 'It must be an integer of at least 1.'],
  ['step --workload maxi', 'Allowed choices are mini, small, tiny.'],
  ['step --backend wasm,', 'Write names with commas between them'],
  ['step --backend wasmm', 'Did you mean "wasm"?'],
  ['step --against . --pytorch', "cannot be used with option '--pytorch'"],
  ['matmul --threads 0', 'It must be an integer of at least 1.'],
  ['profile --backend wasm', 'Allowed choices are onnxruntime,'],
])('refuses %s with status 2', async (line, message) => {
  const { status, stdout, stderr } = await inThisProcess(line);
  expect(stderr).toContain(message);
  expect([status, stdout]).toEqual([2, '']);
});

it.each([
  ['stp', "unknown command 'stp'"],
  ['step --against tools', 'tools/bench/process/child.ts'],
])('as a process, refuses %s with status 2', (line, message) => {
  const { status, stdout, stderr } = bench(line);
  expect(stderr).toContain(message);
  expect([status, stdout]).toEqual([2, '']);
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

describe('bench encode', () => {
  it('prints what it encoded, and how much memory that took', () => {
    const { results } = json<{ results: EncodeMeasurement[] }>('encode --megabytes 2');
    expect(results.map(({ encoder }) => encoder)).toEqual(['ligature']);
    const [{ megabytes, tokens, processorSeconds, megabytesPerSecond, peakResidentBytes }] = results as [
      EncodeMeasurement,
    ];
    // Two copies of 1.08 MB, some four bytes to a token of GPT-2.
    expect(megabytes).toBeCloseTo(2.17, 1);
    expect((1e6 * megabytes) / tokens).toBeGreaterThan(3);
    expect((1e6 * megabytes) / tokens).toBeLessThan(5);
    expect(megabytesPerSecond * processorSeconds).toBeCloseTo(megabytes, 6);
    expect(peakResidentBytes).toBeGreaterThan(50 * 2 ** 20);
  });

  it("says what Hugging Face's tokenizers need", async () => {
    expect(await inThisProcess('encode --tokenizers')).toMatchObject({ status: 2, stdout: '' });
    expect(() => findTokenizers(['no-such-python'])).toThrow(
      /no python3 with tokenizers: .*pip install tokenizers/s,
    );
  });
});

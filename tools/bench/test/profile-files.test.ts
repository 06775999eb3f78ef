/** Sums over profiles that were written by hand, in the form of ONNX Runtime 1.30. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readProfiles, summarize } from '../measures/profile-files.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ligature-profiles-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const node = (name: string, operator: string, dur: number, inputs: number[][], output: number[]): object => ({
  cat: 'Node',
  name: `${name}_kernel_time`,
  dur,
  args: {
    op_name: operator,
    input_type_shape: inputs.map((shape) => ({ float: shape })),
    output_type_shape: [{ float: output }],
  },
});
const run = { cat: 'Session', name: 'model_run', dur: 9999, args: {} };

it('sums nodes of the runs that count, and knows the operations of products', () => {
  // Twice [6, 4] [4, 5], once with a transposed operand; 2 * 6 * 5 * 4 operations each, in 1 and in 3 ms.
  const product = (dur: number, left: number[]): object =>
    node('BatchMatMul:v0', 'FusedMatMul', dur, [left, [4, 5]], [6, 5]);
  const first = [
    { cat: 'Session', name: 'session_initialization', dur: 5, args: {} },
    product(777, [6, 4]),
    run,
    product(1000, [6, 4]),
    node('Square:v1', 'Mul', 500, [[6, 5]], [6, 5]),
    run,
    product(3000, [4, 6]),
    node('Square:v1', 'Mul', 500, [[6, 5]], [6, 5]),
    run,
  ];
  // A batch of 3 on both sides: 3 * 2 * 2 * 2 * 7 operations; and a node that the optimizer made.
  const batch = [
    [3, 2, 7],
    [3, 7, 2],
  ];
  const second = [
    node('BatchMatMul:v3', 'MatMul', 1000, batch, [3, 2, 2]),
    node('MatMul_Reorder', 'Transpose', 4000, [[3, 2, 2]], [3, 2, 2]),
    run,
  ];
  writeFileSync(join(folder, 'graph-0_2030-01-02_03-04-05_678.json'), JSON.stringify(first));
  writeFileSync(join(folder, 'graph-10_2030-01-02_03-04-05_678.json'), JSON.stringify(second));
  const profiles = readProfiles(folder, new Map([[join(folder, 'graph-0'), 1]]));
  expect(profiles.map(({ graph, runs }) => [graph, runs])).toEqual([
    ['graph-0', 2],
    ['graph-10', 1],
  ]);

  const { operators, kernels, graphs, products, nodeMillisecondsPerStep } = summarize(profiles, 2);
  expect(nodeMillisecondsPerStep).toBe(5);
  const rows = (list: typeof operators): unknown[] =>
    list.map(({ name, millisecondsPerStep, share, callsPerStep }) => [
      name,
      millisecondsPerStep,
      share,
      callsPerStep,
    ]);
  expect(rows(operators)).toEqual([
    ['FusedMatMul', 2, 0.4, 1],
    ['Transpose', 2, 0.4, 0.5],
    ['Mul', 0.5, 0.1, 1],
    ['MatMul', 0.5, 0.1, 0.5],
  ]);
  expect(rows(kernels)).toEqual([
    ['BatchMatMul', 2.5, 0.5, 1.5],
    ['(Transpose)', 2, 0.4, 0.5],
    ['Square', 0.5, 0.1, 1],
  ]);
  expect(graphs.map(({ name, runsPerStep, nodes }) => [name, runsPerStep, nodes])).toEqual([
    ['graph-0: BatchMatMul, Square', 1, 2],
    ['graph-10: (Transpose), BatchMatMul', 0.5, 2],
  ]);
  expect(operators[0]!.gflops).toBeCloseTo((2 * 2 * 6 * 5 * 4) / 4e6, 12);
  expect(operators[3]!.gflops).toBeCloseTo((3 * 2 * 2 * 2 * 7) / 1e6, 12);
  expect(products.millisecondsPerStep).toBe(2.5);
  expect(operators[2]!.gflops).toBeNull();
});

import { describe, expect, it } from 'vitest';
import { checkRuns, RunsError } from '../../src/rows/runs.js';

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

/** Parquet format, "Run Length Encoding / Bit-Packing Hybrid (RLE = 3)". */
describe('checkRuns', () => {
  it('counts ones of runs and of packed bits', () => {
    // A run of five ones (5 << 1), then eight packed values ((1 << 1) | 1): 0b00010110.
    expect(checkRuns(bytes(10, 1, 3, 0b0001_0110), 0, 1, 13)).toBe(8);
    // The last eight may be filled up: only two of its values count.
    expect(checkRuns(bytes(10, 1, 3, 0b0001_0110), 0, 1, 7)).toBe(6);
    expect(checkRuns(bytes(10, 0), 0, 1, 5)).toBe(0);
  });

  it('takes values of more bits', () => {
    // The specification's example: 0 to 7 in three bits are 88 C6 FA.
    expect(checkRuns(bytes(3, 0x88, 0xc6, 0xfa), 0, 3, 8)).toBe(0);
    expect(() => checkRuns(bytes(14, 9), 0, 33, 7)).toThrow(RunsError);
  });

  it('refuses runs that are longer than what is left, that end too early, or have a length without end', () => {
    for (const [stream, count] of [
      [bytes(12, 1), 5],
      [bytes(0xfe, 0xff, 0xff, 0xff, 0x0f, 1), 5],
      [bytes(5, 255, 255), 8],
      [bytes(10), 5],
      [bytes(), 1],
      [bytes(...Array<number>(9).fill(0xff)), 5],
    ] as const)
      expect(() => checkRuns(stream, 0, 1, count)).toThrow(RunsError);
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandomStream, createRandomStreams } from '../src/index.js';

const draw = (stream: { uniform(): number }, count: number): number[] =>
  Array.from({ length: count }, () => stream.uniform());

describe('random streams', () => {
  it('gives the same sequence for the same seed and name, another for another', () => {
    const first = draw(createRandomStream(1, 'policy'), 5);
    expect(draw(createRandomStream(1, 'policy'), 5)).toEqual(first);
    expect(draw(createRandomStream(2, 'policy'), 5)).not.toEqual(first);
    expect(draw(createRandomStream(1, 'reward'), 5)).not.toEqual(first);
  });

  it('keeps streams apart: drawing from one does not move another', () => {
    const alone = createRandomStreams(7);
    const busy = createRandomStreams(7);
    draw(busy.stream('dropout'), 1000);
    expect(draw(busy.stream('policy'), 10)).toEqual(draw(alone.stream('policy'), 10));
  });

  it('goes on where a snapshot was taken', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(), (drawn, seed) => {
        const streams = createRandomStreams(seed);
        draw(streams.stream('policy'), drawn);
        streams.stream('policy').normal();
        const saved = JSON.parse(JSON.stringify(streams.snapshot())) as never;
        const rest = draw(streams.stream('policy'), 5);
        const resumed = createRandomStreams(seed);
        resumed.restore(saved);
        expect(draw(resumed.stream('policy'), 5)).toEqual(rest);
      }),
    );
  });

  it('takes streams that the snapshot does not know back to their beginning', () => {
    const streams = createRandomStreams(3);
    const saved = streams.snapshot();
    const first = draw(streams.stream('dropout'), 3);
    streams.restore(saved);
    expect(draw(streams.stream('dropout'), 3)).toEqual(first);
  });

  it('refuses a state that is none', () => {
    expect(() => createRandomStream(1, 'x').restore([1, 2, 3])).toThrow(/four 32-bit integers/);
    expect(() => createRandomStreams(1).restore(null)).toThrow(/no object of streams/);
  });

  it('has the moments of its distributions', () => {
    const stream = createRandomStream(3, 'moments');
    const uniforms = draw(stream, 20_000);
    expect(Math.min(...uniforms)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...uniforms)).toBeLessThan(1);
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    // Five standard errors: 5 * sqrt(1/12/20000) = 0.0102.
    expect(Math.abs(mean(uniforms) - 0.5)).toBeLessThan(0.0102);
    const normals = Array.from({ length: 20_000 }, () => stream.normal(2, 3));
    // Five standard errors of the mean, 5 * 3/sqrt(20000), and of the variance, 5 * 9 * sqrt(2/20000).
    expect(Math.abs(mean(normals) - 2)).toBeLessThan(0.107);
    expect(Math.abs(mean(normals.map((value) => (value - 2) ** 2)) - 9)).toBeLessThan(0.45);
  });

  it('draws every integer of a range and none outside', () => {
    const stream = createRandomStream(4, 'dice');
    const counts = new Map<number, number>();
    for (let i = 0; i < 6000; i += 1) {
      const value = stream.integer(-1, 5);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([-1, 0, 1, 2, 3, 4]);
    // Chi-square with 5 degrees of freedom: 20.5 has p = 0.001.
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(20.5);
    expect(() => stream.integer(3, 3)).toThrow(RangeError);
  });

  it('shuffles to every order equally often', () => {
    const stream = createRandomStream(5, 'shuffle');
    const counts = new Map<string, number>();
    const items = ['a', 'b', 'c'];
    for (let i = 0; i < 6000; i += 1) {
      const order = stream.shuffle(items).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(20.5);
    expect(items).toEqual(['a', 'b', 'c']);
  });
});

import { createRandomStream } from '@ligature/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { adamWState, adamWStep } from '../src/adamw.js';
import {
  accumulateGradient,
  forward,
  initialParameters,
  mapParameters,
  PARAMETER_NAMES,
  zeroParameters,
} from '../src/mlp.js';
import type { Parameters } from '../src/mlp.js';

describe('the network', () => {
  it('computes a hand-worked forward pass', () => {
    const parameters = {
      'q.0.weight': Float64Array.of(1, -1, 2, 3), // [2 in, 2 hidden]
      'q.0.bias': Float64Array.of(0.5, -10),
      'q.2.weight': Float64Array.of(2, -1, 7, 7), // [2 hidden, 2 out]
      'q.2.bias': Float64Array.of(0, 1),
    };
    // hidden = relu([1*1 + 2*2 + .5, -1*1 + 3*2 - 10]) = [5.5, 0]
    expect([...forward(parameters, [1, 2]).output]).toEqual([11, -4.5]);
  });

  it('has the gradient that finite differences measure', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const random = createRandomStream(seed, 'test');
        const shape = { inputs: 4, hidden: 7, outputs: 5 };
        const parameters = initialParameters(shape, random);
        const input = Array.from({ length: 4 }, () => random.normal());
        const slots = [random.integer(0, 5), random.integer(0, 5)]; // the same output twice must add up
        const goals = [random.normal(), random.normal()];
        const loss = (): number => {
          const { output } = forward(parameters, input);
          return slots.reduce((sum, slot, i) => sum + (output[slot]! - goals[i]!) ** 2, 0);
        };
        const activations = forward(parameters, input);
        const gradient = zeroParameters(shape);
        const derivatives = slots.map(
          (slot, i) => [slot, 2 * (activations.output[slot]! - goals[i]!)] as const,
        );
        accumulateGradient(parameters, activations, derivatives, gradient);
        const h = 1e-6;
        // A unit within h of the kink has no derivative to compare with.
        const bias = parameters['q.0.bias'];
        for (let unit = 0; unit < 7; unit += 1) {
          const sum = input.reduce(
            (total, value, i) => total + value * parameters['q.0.weight'][i * 7 + unit]!,
            bias[unit]!,
          );
          fc.pre(Math.abs(sum) > 1e-4);
        }
        for (const name of PARAMETER_NAMES) {
          parameters[name].forEach((value, i) => {
            parameters[name][i] = value + h;
            const above = loss();
            parameters[name][i] = value - h;
            const below = loss();
            parameters[name][i] = value;
            expect(Math.abs((above - below) / (2 * h) - gradient[name][i]!)).toBeLessThan(1e-6);
          });
        }
      }),
      { numRuns: 25 },
    );
  });

  it("starts inside PyTorch's bounds, and fills them", () => {
    const parameters = initialParameters(
      { inputs: 4, hidden: 256, outputs: 100 },
      createRandomStream(1, 'init'),
    );
    const largest = (values: Float64Array): number =>
      values.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
    const variance = (values: Float64Array): number =>
      values.reduce((sum, v) => sum + v * v, 0) / values.length;
    for (const [name, bound] of [
      ['q.0.weight', 1 / 2],
      ['q.0.bias', 1 / 2],
      ['q.2.weight', 1 / 16],
      ['q.2.bias', 1 / 16],
    ] as const) {
      expect(largest(parameters[name])).toBeLessThanOrEqual(bound);
      expect(largest(parameters[name])).toBeGreaterThan(0.95 * bound);
      // A uniform law on ±b has variance b²/3.
      expect(Math.abs(variance(parameters[name]) / (bound ** 2 / 3) - 1)).toBeLessThan(0.3);
    }
  });
});

describe('AdamW', () => {
  it('takes the two steps that the algorithm gives by hand', () => {
    const one = (value: number): Parameters => mapParameters(() => Float64Array.of(value));
    const parameters = one(2);
    const state = adamWState(parameters);
    const options = { learningRate: 0.1, weightDecay: 0.5 };
    // Step 1: decay 2 * (1 - .05) = 1.9; bias-corrected m = g, v = g², so the move is the learning rate.
    adamWStep(parameters, one(4), state, options);
    expect(parameters['q.2.bias'][0]).toBeCloseTo(1.8, 7);
    // Step 2, g = -4: m = .9*.4 - .4 = -.04, /.19; v = .999*.016 + .016 = .031984, /.001999 = 16.
    // move = .1 * (-.04/.19) / 4 = -.0052631579; 1.8 * .95 + .0052631579 = 1.7152631579
    adamWStep(parameters, one(-4), state, options);
    expect(parameters['q.2.bias'][0]).toBeCloseTo(1.7152631579, 7);
  });
});

import { describe, expect, it } from 'vitest';
import '@tensorflow/tfjs-backend-cpu';
import { createSgd } from '../../src/optimizers/index.js';
import { fresh, run, specOf } from './support.js';

describe('sgd', () => {
  it('has the gradient in its buffer after the first update, clipped', () => {
    const optimizer = createSgd({ momentum: 0.5 });
    const spec = specOf([2]);
    const start = fresh(optimizer, spec, [1, 2]);
    const { parameter, slots } = run(optimizer, spec, start, [
      { gradient: [4, -8], learningRate: 0.25, clip: 0.5 },
    ]);
    expect(slots['momentum']).toEqual([2, -4]);
    expect(parameter).toEqual([0.5, 3]);
  });

  it('has no slot without momentum', () => {
    expect(createSgd({ momentum: 0 }).slots(specOf([2]))).toEqual([]);
    expect(createSgd().slots(specOf([2]))).toEqual(['momentum']);
  });

  it('decays every parameter but those that say they do not', () => {
    const optimizer = createSgd({ momentum: 0, weightDecay: 0.5 });
    const update = { gradient: [0], learningRate: 0.5 };
    const after = (decay?: boolean): number[] => {
      const spec = specOf([1], decay === undefined ? {} : { decay });
      return run(optimizer, spec, fresh(optimizer, spec, [1]), [update]).parameter;
    };
    expect([after(), after(true), after(false)]).toEqual([[0.75], [0.75], [1]]);
  });

  it('refuses to look ahead along nothing', () => {
    expect(() => createSgd({ momentum: 0, nesterov: true })).toThrow(
      expect.objectContaining({ code: 'options-invalid' }),
    );
  });
});

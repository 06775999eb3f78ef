// core first: it loads the reflection polyfill that tsyringe wants to find.
import { createRunContainer, createToken } from '../src/index.js';
import { inject, injectable } from 'tsyringe';
import { describe, expect, it } from 'vitest';

const NUMBER = createToken<number>('Number');

@injectable()
class Doubled {
  readonly value: number;
  constructor(@inject(NUMBER) number: number) {
    this.value = 2 * number;
  }
}

describe('a container', () => {
  it('builds classes from what its own run provided', () => {
    const [one, two] = [createRunContainer(), createRunContainer()];
    one.provide(NUMBER, 1);
    two.provide(NUMBER, 2);
    expect([one, two].map((container) => container.build(Doubled).value)).toEqual([2, 4]);
    expect(one.get(NUMBER)).toBe(1);
  });

  it('names the token that was not provided', () => {
    expect(() => createRunContainer().get(NUMBER)).toThrow(/Symbol\(Number\)/);
  });

  it('disposes once, the newest first, and waits for each', async () => {
    const container = createRunContainer();
    const order: string[] = [];
    container.provide(NUMBER, 1, () => void order.push('first'));
    container.onDispose(async () => {
      await Promise.resolve();
      order.push('second');
    });
    await container.dispose();
    await container.dispose();
    expect(order).toEqual(['second', 'first']);
  });

  it('disposes the others when one fails, and reports what failed', async () => {
    const container = createRunContainer();
    const order: string[] = [];
    const [early, late] = [new Error('early'), new Error('late')];
    const failWith = (error: Error) => () => {
      throw error;
    };
    container.onDispose(failWith(early));
    container.onDispose(() => void order.push('between'));
    container.onDispose(failWith(late));
    await expect(container.dispose()).rejects.toMatchObject({ errors: [late, early] });
    expect(order).toEqual(['between']);
    container.onDispose(failWith(early));
    await expect(container.dispose()).rejects.toBe(early);
  });
});

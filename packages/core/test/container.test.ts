// core first: it loads the reflection polyfill that tsyringe wants to find.
import { assembleRun, createRunContainer, createToken } from '../src/index.js';
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
    expect(() => createRunContainer().get(NUMBER)).toThrow(
      "Take Number from the run's container: nothing was provided for it. Provide it in a module that comes before",
    );
    expect(createRunContainer().find(NUMBER)).toBeUndefined();
  });

  it('keeps the parts that move by name, in order, each name once', () => {
    const container = createRunContainer();
    const part = { snapshot: () => 1, restore: () => undefined };
    container.saves('first', part);
    container.saves('second', part);
    expect([...container.states.keys()]).toEqual(['first', 'second']);
    expect(() => container.saves('first', part)).toThrow(expect.objectContaining({ code: 'state-twice' }));
  });

  it('is assembled by modules, each of which takes what came before it', async () => {
    const container = await assembleRun([
      (made) => void made.provide(NUMBER, 3),
      async (made) => {
        await Promise.resolve();
        made.provide(NUMBER, 2 * made.get(NUMBER));
      },
    ]);
    expect(container.get(NUMBER)).toBe(6);
  });

  it('disposes what there is when a module throws, and reports its error', async () => {
    const order: string[] = [];
    const assembling = assembleRun([
      (made) => made.onDispose(() => void order.push('disposed')),
      () => Promise.reject(new Error('no data')),
      () => void order.push('never'),
    ]);
    await expect(assembling).rejects.toThrow('no data');
    expect(order).toEqual(['disposed']);
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

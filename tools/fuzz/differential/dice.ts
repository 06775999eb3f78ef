/** Seeded choices: everything that a case holds follows from its number. */
import { createRandomStream } from '@ligature/core';

export interface Dice {
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** One of the makers, each as likely as its weight. */
  weighted<T>(makers: readonly (readonly [weight: number, make: () => T])[]): T;
  /** From `low` to `high` things made one after the other. */
  list<T>(low: number, high: number, make: () => T): T[];
  shuffle<T>(items: readonly T[]): T[];
}

export function createDice(seed: number, name: string): Dice {
  const random = createRandomStream(seed, name);
  const dice: Dice = {
    int: (low, high) => random.integer(low, high + 1),
    chance: (probability) => random.uniform() < probability,
    pick: (items) => items[random.integer(0, items.length)] as (typeof items)[number],
    weighted(makers) {
      let left = random.uniform() * makers.reduce((sum, [weight]) => sum + weight, 0);
      for (const [weight, make] of makers) {
        left -= weight;
        if (left < 0) return make();
      }
      return (makers.at(-1) as (typeof makers)[number])[1]();
    },
    list: (low, high, make) => Array.from({ length: dice.int(low, high) }, make),
    shuffle: (items) => random.shuffle(items),
  };
  return dice;
}

/** Two versions measured in turn: what a machine does at other hours falls on both. */
import { median } from './numbers.js';

export interface Round {
  readonly before: number;
  readonly now: number;
}

export interface Paired {
  /** Medians of all rounds. */
  readonly before: number;
  readonly now: number;
  /** `now` over `before` of each round: the median, and how far single rounds are from it. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
  /** Of the fastest rounds of both: what is left where other work slowed most rounds down. */
  readonly fastest: number;
}

export function summarizeRounds(rounds: readonly Round[]): Paired {
  const ratios = rounds.map(({ before, now }) => now / before);
  return {
    before: median(rounds.map(({ before }) => before)),
    now: median(rounds.map(({ now }) => now)),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    fastest: Math.min(...rounds.map(({ now }) => now)) / Math.min(...rounds.map(({ before }) => before)),
  };
}

/**
 * Measures both sides once a round, one after the other. Which goes first changes with every round, so that neither
 * has the warmer machine.
 */
export async function takeTurns(
  rounds: number,
  measure: (side: keyof Round, round: number) => Promise<number>,
): Promise<Round[]> {
  const taken: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? (['before', 'now'] as const) : (['now', 'before'] as const);
    const seconds = { before: 0, now: 0 };
    for (const side of order) seconds[side] = await measure(side, round);
    taken.push(seconds);
  }
  return taken;
}

/**
 * One bandit: what is known of each of its arms, and the two rules that choose between them.
 *
 * UCB1: Auer, Cesa-Bianchi & Fischer, Finite-time Analysis of the Multiarmed Bandit Problem, Machine Learning 47
 * (2002). Discounted and sliding-window UCB: Garivier & Moulines, On Upper-Confidence Bound Policies for Switching
 * Bandit Problems, ALT 2011, arXiv 0805.3415. Thompson sampling with normal posteriors N(mean, 1 / (n + 1)): Agrawal &
 * Goyal, Further Optimal Regret Bounds for Thompson Sampling, AISTATS 2013, arXiv 1209.3353.
 */
import type { RandomStream } from '@ligature/core';

/** What is known of the arms of one bandit. Plain JSON, so that it is its own snapshot. */
export interface Arms {
  /** For each arm: how many rewards count, fading ones by their weight. */
  counts: number[];
  /** For each arm: their weighted sum. */
  sums: number[];
  /** For each arm: whether it was ever tried; weights fade, this does not. */
  tried: boolean[];
  /** With a sliding window: the rewards in it as pairs (arm, reward), oldest first; else empty. */
  recent: [arm: number, reward: number][];
}

export interface Forgetting {
  readonly discount: number;
  readonly window: number | null;
}

export interface Policy {
  readonly policy: 'ucb' | 'thompson';
  readonly exploration: number;
}

export function newArms(size: number): Arms {
  return {
    counts: new Array<number>(size).fill(0),
    sums: new Array<number>(size).fill(0),
    tried: new Array<boolean>(size).fill(false),
    recent: [],
  };
}

/** Enters one reward. Those before it fade by `discount`, or leave the window. */
export function enterReward(arms: Arms, arm: number, reward: number, { discount, window }: Forgetting): void {
  arms.tried[arm] = true;
  if (window !== null) {
    arms.recent.push([arm, reward]);
    if (arms.recent.length > window) arms.recent.shift();
    // Summed anew rather than taken off, so that no rounding piles up.
    arms.counts.fill(0);
    arms.sums.fill(0);
    for (const [each, value] of arms.recent) {
      arms.counts[each]! += 1;
      arms.sums[each]! += value;
    }
    return;
  }
  for (let each = 0; each < arms.counts.length; each += 1) {
    arms.counts[each]! *= discount;
    arms.sums[each]! *= discount;
  }
  arms.counts[arm]! += 1;
  arms.sums[arm]! += reward;
}

/** Mean reward of an arm that `count` rewards are known of; 0, the usual reward, when there is none. */
export function meanReward({ counts, sums }: Arms, arm: number): number {
  return counts[arm]! > 0 ? sums[arm]! / counts[arm]! : 0;
}

/** UCB1's index: mean + exploration · sqrt(ln total / count); infinite where nothing is known. */
export function upperBound(mean: number, count: number, total: number, exploration: number): number {
  return count > 0 ? mean + exploration * Math.sqrt(Math.log(Math.max(1, total)) / count) : Infinity;
}

/**
 * Chooses one of `candidates`. Arms that were never tried come first, in random order, as in UCB1; then the largest
 * index, or the largest draw from the posteriors. Equal ones are drawn from by chance.
 */
export function chooseArm(
  arms: Arms,
  candidates: readonly number[],
  { policy, exploration }: Policy,
  random: RandomStream,
): { arm: number; explored: boolean } {
  const pick = (list: readonly number[]): number =>
    list.length === 1 ? list[0]! : list[random.integer(0, list.length)]!;
  const untried = candidates.filter((arm) => !arms.tried[arm]);
  if (untried.length > 0) return { arm: pick(untried), explored: candidates.length > 1 };
  const means = candidates.map((arm) => meanReward(arms, arm));
  const total = candidates.reduce((sum, arm) => sum + arms.counts[arm]!, 0);
  const indices = candidates.map((arm, at) => {
    const count = arms.counts[arm]!;
    if (policy === 'ucb') return upperBound(means[at]!, count, total, exploration);
    return random.normal(means[at], exploration / Math.sqrt(count + 1));
  });
  const best = Math.max(...indices);
  const arm = pick(candidates.filter((_, at) => indices[at] === best));
  return { arm, explored: meanReward(arms, arm) < Math.max(...means) };
}

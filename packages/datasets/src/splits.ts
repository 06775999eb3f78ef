/**
 * Splits of a text that has none of its own: contiguous, in text order (training first), cut at paragraph or
 * line borders. Always the same cuts for the same text and shares, and the splits join to the text.
 */
import type { SplitName } from '@ligature/core';
import { z } from 'zod';
import { nearestBorder } from './nearest-border.js';

export const SPLIT_NAMES: readonly SplitName[] = ['train', 'validation', 'test'];

const share = (what: string) =>
  z.number().min(0.001).max(0.4).default(0.05).describe(`Share of the text that is held out for ${what}`);

/** Options of every dataset that is cut by Ligature. */
export const sharesSchema = z.strictObject({ validation: share('validation'), test: share('testing') });

export type Shares = z.output<typeof sharesSchema>;

/** Where a text may be cut, best first: after a blank line, after a line end, after white space. */
const BORDERS = [/\n[^\S\n]*\n\s*/gu, /\n/gu, /\s+/gu];

/** Cuts `text`. A split is empty only if the text is too short to have three. */
export function deriveSplits(text: string, { validation, test }: Shares): Record<SplitName, string> {
  // A border may lie off its place by half the smallest split, so that no split can vanish.
  const slack = (Math.min(validation, test, 1 - validation - test) / 2) * text.length;
  const first = cutNear(text, Math.round(text.length * (1 - validation - test)), slack);
  const second = Math.max(first, cutNear(text, Math.round(text.length * (1 - test)), slack));
  return {
    train: text.slice(0, first),
    validation: text.slice(first, second),
    test: text.slice(second),
  };
}

/**
 * The splits of a text of which some come from elsewhere: the others are cut from its end, validation before test.
 *
 * @param given splits that there are; of those the shares are not looked at
 */
export function cutMissing(
  text: string,
  given: Readonly<Partial<Record<SplitName, string>>>,
  shares: Shares,
): Record<SplitName, string> {
  const missing = (['validation', 'test'] as const).filter((split) => given[split] === undefined);
  if (missing.length === 2) return deriveSplits(text, shares);
  const [split] = missing;
  const { validation = '', test = '' } = given;
  if (split === undefined) return { train: text, validation, test };
  const share = shares[split];
  const at = cutNear(text, Math.round(text.length * (1 - share)), (share / 2) * text.length);
  return { train: text.slice(0, at), validation, test, [split]: text.slice(at) };
}

/** The best kind of border within `slack` of `target`, the nearest of its kind; else `target` itself. */
function cutNear(text: string, target: number, slack: number): number {
  const from = Math.max(0, Math.ceil(target - slack));
  const around = text.slice(from, Math.floor(target + slack));
  const nearest = nearestBorder(around, BORDERS, target - from);
  if (nearest !== undefined) return from + nearest;
  // Not between the halves of a surrogate pair.
  const low = text.charCodeAt(target);
  return low >= 0xdc00 && low <= 0xdfff ? target - 1 : target;
}

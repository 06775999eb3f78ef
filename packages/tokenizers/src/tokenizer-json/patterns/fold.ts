/**
 * Letters that are equal when case is ignored. Oniguruma also lets several letters equal one (`ss` and `ß`):
 * a pattern for which that could matter is not translated.
 */
import type { CharacterClassNode } from 'oniguruma-parser/parser';
import { characterSource, Untranslatable } from './classes.js';

/** Beyond it no letter has case. */
const LAST_CASED = 0x1f000;

let folds: { variants: ReadonlyMap<string, string>; expanded: ReadonlySet<string> } | undefined;

/** By simple folding: the letters that become the same one. By full folding: the texts that several letters make. */
function allFolds(): NonNullable<typeof folds> {
  if (folds) return folds;
  const groups = new Map<string, string>();
  const expanded = new Set<string>();
  for (let code = 0; code < LAST_CASED; code += 1) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const letter = String.fromCodePoint(code);
    const upper = letter.toUpperCase();
    const folded = upper.toLowerCase();
    if ([...upper].length > 1 || [...letter.toLowerCase()].length > 1) {
      expanded.add(folded.replaceAll('ς', 'σ'));
      expanded.add(letter);
      continue;
    }
    if (upper === letter && folded === letter) continue;
    const key = folded === 'ς' ? 'σ' : folded;
    groups.set(key, (groups.get(key) ?? '') + letter);
  }
  const variants = new Map<string, string>();
  for (const group of groups.values()) for (const letter of group) variants.set(letter, group);
  folds = { variants, expanded };
  return folds;
}

/** The class of all letters that equal this one, and whether it has any other. */
export function foldedCharacter(code: number): string {
  const letter = String.fromCodePoint(code);
  const { variants, expanded } = allFolds();
  if (expanded.has(letter)) throw new Untranslatable(`it ignores the case of ${JSON.stringify(letter)}`);
  const group = new Set([letter, ...(variants.get(letter) ?? '')]);
  return [...group].map((one) => characterSource(one.codePointAt(0) as number)).join('');
}

/** @param texts literal runs of a pattern whose case is ignored */
export function refuseExpandingFolds(text: string): void {
  const folded = text.toLowerCase();
  for (const several of allFolds().expanded) {
    if (several.length > 1 && folded.includes(several)) {
      throw new Untranslatable(`it ignores the case of ${JSON.stringify(several)}, which can be one letter`);
    }
  }
}

/** A class without regard to case: of ASCII characters only, for which nothing is in doubt. */
export function foldedClass(node: CharacterClassNode): string {
  const doubt = new Untranslatable('it ignores the case of a class that is more than ASCII characters');
  if (node.negate || node.kind !== 'union') throw doubt;
  const codes: number[] = [];
  for (const element of node.body) {
    const [from, to] =
      element.type === 'Character'
        ? [element.value, element.value]
        : element.type === 'CharacterClassRange'
          ? [element.min.value, element.max.value]
          : [0x80, 0x80];
    if (to > 0x7f) throw doubt;
    for (let code = from; code <= to; code += 1) codes.push(code);
  }
  return `[${codes.map(foldedCharacter).join('')}]`;
}

/** Sets of characters compared over all of Unicode. */
import type { OneOf } from './ir.js';

let everything: string | undefined;

function everyCharacter(): string {
  if (everything !== undefined) return everything;
  const parts: string[] = [];
  for (let start = 0; start < 0x110000; start += 0x800) {
    if (start === 0xd800) continue;
    parts.push(String.fromCodePoint(...Array.from({ length: 0x800 }, (_, offset) => start + offset)));
  }
  return (everything = parts.join(''));
}

const isEmpty = (source: string): boolean => !new RegExp(source, 'v').test(everyCharacter());

export const isSubset = (part: OneOf, whole: OneOf): boolean =>
  part.source === whole.source || isEmpty(`[[${part.source}]--[${whole.source}]]`);

export const areDisjoint = (a: OneOf, b: OneOf): boolean => isEmpty(`[[${a.source}]&&[${b.source}]]`);

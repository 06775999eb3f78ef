/** The guide lists the rules as they are: each with what must hold and why it matters. */
import { readFileSync } from 'node:fs';
import { suites, type RuleText } from '@ligature/testing';
import { describe, expect, it } from 'vitest';

const guide = readFileSync(new URL('../../../docs/guides/contract-suites.md', import.meta.url), 'utf8');

/** The rules under a heading, by id: what is said of them. */
function rulesUnder(heading: string): Map<string, string> {
  const [, section = ''] = guide.split(`\n## ${heading}\n`);
  const [rules = ''] = section.split('\n## ');
  return new Map([...rules.matchAll(/^- \*\*`(.+?)`\*\*: (.*)$/gm)].map(([, id, text]) => [id!, text!]));
}

const every = rulesUnder('Every entry');
const lives = rulesUnder('What lives through a run');
const textOf = ({ must, why }: RuleText): string => `${must}. ${why}.`;

it('says what holds for every entry, and for all that lives through a run, in the words of controllers', () => {
  const shared = new Map([...every, ...lives]);
  expect(shared.size).toBeGreaterThan(15);
  for (const [id, text] of shared) {
    expect(text).toBe(textOf(suites.controllers.texts.find((rule) => rule.id === id)!));
  }
});

describe.each(Object.entries(suites))('%s', (kind, { texts }) => {
  it('lists its other rules, and no more', () => {
    const own = rulesUnder(`${kind[0]!.toUpperCase()}${kind.slice(1)}`);
    const life = ['controllers', 'rewards', 'evaluators'].includes(kind);
    const listed = (id: string): boolean => every.has(id) || (life && lives.has(id));
    const expected = texts.filter(({ id }) => !listed(id)).map((rule) => [rule.id, textOf(rule)]);
    expect([...own]).toEqual(expected);
    expect([...lives.keys()].every((id) => texts.some((rule) => rule.id === id))).toBe(life);
  });
});

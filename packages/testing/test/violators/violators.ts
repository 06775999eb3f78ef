/**
 * The mutation check: each violator is a good plug-in with one fault. It must be reported under the id of the rule that
 * it breaks, and under no other than those that it says; a rule that no violator breaks fails the test.
 */
import type { Plugin, PluginKind } from '@ligature/core';
import { BrokenContractError, type Suite } from '@ligature/testing';
import { expect, it } from 'vitest';

export interface Violator<Options> {
  readonly rule: string;
  /** What is wrong with it: `draws in learn`. */
  readonly fault: string;
  readonly plugin: Plugin;
  readonly options?: Options;
  /** Rules that the same fault breaks besides. */
  readonly also?: readonly string[];
  /** Rules that it breaks or not, as the machine has time. */
  readonly maybe?: readonly string[];
  /** Rules to look at; all if left out. */
  readonly only?: readonly string[];
  /** What the report must say. */
  readonly found: RegExp;
}

/** For those that are waited for: each rule would wait again. */
export const ALONE: readonly string[] = ['creates', 'plays-through', 'answers', 'deterministic'];

/** The entry of every plug-in in these tests. */
export const NAME = 'sample';

export function testSuite<Options>(
  kind: PluginKind,
  suite: Suite<Options>,
  good: Plugin,
  violators: readonly Violator<Options>[],
  options?: Options,
): void {
  it('passes a good one, every rule of it', async () => {
    const report = await suite.inspect(good, NAME, options);
    expect(report.rules.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(report).toMatchObject({ kind, name: NAME, passed: true });
  });

  it('has a violator for every rule, and no rule twice', () => {
    const rules = suite.texts.map(({ id }) => id);
    expect(new Set(rules).size).toBe(rules.length);
    expect([...new Set(violators.map(({ rule }) => rule))].sort()).toEqual([...rules].sort());
  });

  it.each(violators)('$rule: catches one that $fault', async ({ rule, plugin, found, ...one }) => {
    const { also = [], maybe = [], only } = one;
    const errors = new Map<string, BrokenContractError>();
    for (const { id, run } of suite.rules(plugin, NAME, one.options ?? options)) {
      if (only && !only.includes(id)) continue;
      await run().catch((error: unknown) => {
        if (!(error instanceof BrokenContractError)) throw error;
        if (error.broken.length > 0) errors.set(id, error);
      });
    }
    const broken = [...errors.keys()].filter((id) => !maybe.includes(id));
    expect(broken.sort()).toEqual([rule, ...also].sort());
    const { report, message } = errors.get(rule)!;
    const [result] = report.rules;
    expect(result!.found).toMatch(found);
    for (const words of [rule, result!.must, result!.why, result!.mend]) expect(message).toContain(words);
  });
}

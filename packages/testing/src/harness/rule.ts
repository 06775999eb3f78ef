/** What a rule is, and what a check says about one. */
import type { PluginKind } from '@ligature/core';

/** What a rule says, in words for the author of a plug-in. */
export interface RuleText {
  /** Stable, for programs and tests: `resumes`. */
  readonly id: string;
  /** What must hold, as a sentence without its full stop. */
  readonly must: string;
  /** What goes wrong in a run otherwise. */
  readonly why: string;
  /** How to mend a plug-in that breaks it. */
  readonly mend: string;
}

/** One rule for one plug-in, ready for a test runner: `it(rule.title, rule.run)`. */
export interface Rule extends RuleText {
  /** `resumes: an interrupted run goes on as one that never stopped`. */
  readonly title: string;
  /**
   * Checks this rule alone. A runner that passes its context (vitest, node:test) sees a rule that has no meaning for
   * the plug-in as skipped, with the reason.
   *
   * @throws BrokenContractError when the rule is broken, or cannot be checked because another one is
   */
  readonly run: () => Promise<void>;
}

export interface RuleResult extends RuleText {
  /** `unchecked`: another rule, which `found` names, is broken in a way that leaves nothing to check. */
  readonly status: 'passed' | 'broken' | 'unchecked' | 'not-applicable';
  /** What was seen; empty where there is nothing to say. */
  readonly found: string;
}

/** Every rule of one plug-in entry and how it came out. */
export interface ContractReport {
  readonly kind: PluginKind;
  readonly plugin: string;
  readonly name: string;
  readonly rules: readonly RuleResult[];
  /** No rule is broken, none was left unchecked. */
  readonly passed: boolean;
}

/** A rule of a suite; `check` throws a Finding when it is broken. */
export interface RuleSpec<Subject> extends RuleText {
  /** @returns a remark for the report, where there is something to say of a rule that holds */
  check(subject: Subject): Promise<string | void>;
}

import { ContractError } from '@ligature/core';
import { nounOf } from './noun.js';
import type { ContractReport, RuleResult } from './rule.js';

/** Rules of a contract are broken: the message names each, what was found, why it matters and how to mend it. */
export class BrokenContractError extends ContractError {
  /** Ids of the rules that are broken. */
  readonly broken: readonly string[];

  constructor(readonly report: ContractReport) {
    const bad = report.rules.filter(({ status }) => status === 'broken' || status === 'unchecked');
    const broken = bad.filter(({ status }) => status === 'broken');
    super('contract-broken', {
      asked: `Check the ${shownName(report)}`,
      found: `it breaks ${broken.map(({ id }) => id).join(', ') || 'other rules'}`,
      todo: 'Mend the plug-in as the message says for each rule',
    });
    this.broken = broken.map(({ id }) => id);
    // All rules in full: what is cut off of a message is what its reader needs.
    this.message = messageOf(report, bad);
  }
}

const shownName = ({ kind, name, plugin }: ContractReport): string =>
  `${nounOf(kind)} "${name}" of the plug-in "${plugin}"`;

function messageOf(report: ContractReport, bad: readonly RuleResult[]): string {
  const broken = bad.filter(({ status }) => status === 'broken');
  const unchecked = bad.filter(({ status }) => status === 'unchecked');
  const count = report.rules.length;
  const head =
    count === 1
      ? `The ${shownName(report)} does not pass this rule of its contract.`
      : `The ${shownName(report)} breaks ${broken.length} of ${count} rules of its contract.`;
  return [head, ...broken.map(ruleText), ...uncheckedText(unchecked)].join('\n\n');
}

const ruleText = ({ id, must, found, why, mend }: RuleResult): string =>
  [`${id}: ${must}.`, `  found  ${found}.`, `  why    ${why}.`, `  mend   ${mend}.`].join('\n');

function uncheckedText(results: readonly RuleResult[]): string[] {
  if (results.length === 0) return [];
  const reasons = [...new Set(results.map(({ found }) => found))];
  return reasons.map((reason) => {
    const ids = results.filter(({ found }) => found === reason).map(({ id }) => id);
    return `Not checked, because ${reason}: ${ids.join(', ')}.`;
  });
}

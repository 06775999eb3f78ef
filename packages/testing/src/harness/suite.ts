/** A list of rules for one kind of plug-in entry, in the three forms that authors use it in. */
import { LigatureError, type Plugin, type PluginKind } from '@ligature/core';
import { BrokenContractError } from './broken-contract-error.js';
import { Finding, NotApplicable } from './finding.js';
import type { ContractReport, Rule, RuleResult, RuleSpec, RuleText } from './rule.js';
import { showError } from './show.js';

export interface Suite<Options> {
  /** One test per rule. @throws InputError when the plug-in has no such entry */
  rules(plugin: Plugin, name: string, options?: Options): readonly Rule[];
  /** Checks every rule and says how each came out. @throws InputError when the plug-in has no such entry */
  inspect(plugin: Plugin, name: string, options?: Options): Promise<ContractReport>;
  /** Checks every rule. @throws BrokenContractError naming every rule that is broken */
  check(plugin: Plugin, name: string, options?: Options): Promise<ContractReport>;
  readonly texts: readonly RuleText[];
}

export function createSuite<Subject, Options>(
  kind: PluginKind,
  specs: readonly RuleSpec<Subject>[],
  subjectOf: (plugin: Plugin, name: string, options: Options | undefined) => Subject,
): Suite<Options> {
  const reportOf = (plugin: Plugin, name: string, rules: readonly RuleResult[]): ContractReport => ({
    kind,
    plugin: plugin.name,
    name,
    rules,
    passed: rules.every(({ status }) => status === 'passed' || status === 'not-applicable'),
  });
  const inspect: Suite<Options>['inspect'] = async (plugin, name, options) => {
    const subject = subjectOf(plugin, name, options);
    const results: RuleResult[] = [];
    // One after the other: rules look at what the process holds.
    for (const spec of specs) results.push(await resultOf(spec, subject));
    return reportOf(plugin, name, results);
  };
  return {
    texts: specs.map(textOf),
    inspect,
    async check(plugin, name, options) {
      const report = await inspect(plugin, name, options);
      if (!report.passed) throw new BrokenContractError(report);
      return report;
    },
    rules(plugin, name, options) {
      const subject = subjectOf(plugin, name, options);
      return specs.map((spec) => ({
        ...textOf(spec),
        title: `${spec.id}: ${spec.must}`,
        // No parameter in its signature: runners take a function with one for a callback or a fixture.
        run: async (...given: readonly unknown[]) => {
          const result = await resultOf(spec, subject);
          const report = reportOf(plugin, name, [result]);
          if (!report.passed) throw new BrokenContractError(report);
          if (result.status === 'not-applicable') skip(given[0], result.found);
        },
      }));
    },
  };
}

const textOf = ({ id, must, why, mend }: RuleText): RuleText => ({ id, must, why, mend });

async function resultOf<Subject>(spec: RuleSpec<Subject>, subject: Subject): Promise<RuleResult> {
  const result = (status: RuleResult['status'], found: string): RuleResult => ({
    ...textOf(spec),
    status,
    found,
  });
  try {
    return result('passed', (await spec.check(subject)) ?? '');
  } catch (error) {
    if (error instanceof NotApplicable) return result('not-applicable', error.reason);
    // The caller's mistake, such as a model without a backend to compute with.
    if (error instanceof LigatureError) throw error;
    // What a plug-in throws where the check does not expect it: a getter, an object that is something else.
    if (!(error instanceof Finding)) return result('broken', `checking it ended in ${showError(error)}`);
    if (error.rule === undefined || error.rule === spec.id) return result('broken', error.found);
    return result('unchecked', `${error.found} (${error.rule})`);
  }
}

/** Tells the test runner, if it gave its context, that there was nothing to check. */
function skip(context: unknown, reason: string): void {
  // vitest's context is a function.
  const { skip: skipTest } = (context ?? {}) as { skip?: unknown };
  if (typeof skipTest === 'function') Reflect.apply(skipTest, context, [reason]);
}

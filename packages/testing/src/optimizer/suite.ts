import { entryRules } from '../entry/entry-rules.js';
import type { RuleSpec } from '../harness/rule.js';
import { createSuite } from '../harness/suite.js';
import { optimizerRuleSpecs } from './rules.js';
import { optimizerSubject, type CheckOptimizerOptions, type OptimizerSubject } from './subject.js';

const creates: RuleSpec<OptimizerSubject> = {
  id: 'creates',
  must: 'create gives an optimizer with a name',
  why: 'Every run makes one before its first step',
  mend: 'Return { name, slots, scalars, update }',
  check: async ({ make }) => void (await make()),
};

export const optimizerSuite = createSuite(
  'optimizers',
  [...entryRules<OptimizerSubject>(), creates, ...optimizerRuleSpecs],
  optimizerSubject,
);
export type { CheckOptimizerOptions };

import { entryRules } from '../entry/entry-rules.js';
import type { RuleSpec } from '../harness/rule.js';
import { createSuite } from '../harness/suite.js';
import { adapterRuleSpecs } from './rules.js';
import { adapterSubject, type AdapterSubject, type CheckAdapterOptions } from './subject.js';

const creates: RuleSpec<AdapterSubject> = {
  id: 'creates',
  must: 'create gives an adapter with a name',
  why: 'Every run that names it makes one before its first step',
  mend: 'Return { name, wrap }',
  check: async ({ make }) => void (await make()),
};

export const adapterSuite = createSuite(
  'adapters',
  [...entryRules<AdapterSubject>(), creates, ...adapterRuleSpecs],
  adapterSubject,
);
export type { CheckAdapterOptions };

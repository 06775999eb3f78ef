import { entryRules } from '../entry/entry-rules.js';
import { createSuite } from '../harness/suite.js';
import { formRules } from './form-rules.js';
import { forwardRules } from './forward-rules.js';
import { lossRules } from './loss-rules.js';
import { optionalRules } from './optional-rules.js';
import { modelSubject, type CheckModelOptions, type ModelSubject } from './subject.js';

export const modelSuite = createSuite(
  'models',
  [
    ...entryRules<ModelSubject>({ strict: false }),
    ...formRules,
    ...forwardRules,
    ...lossRules,
    ...optionalRules,
  ],
  modelSubject,
);
export type { CheckModelOptions };

import { entryRules } from '../entry/entry-rules.js';
import { createSuite } from '../harness/suite.js';
import { chanceRules } from './chance-rules.js';
import { formRules } from './form-rules.js';
import { forwardRules } from './forward-rules.js';
import { gradientRules } from './gradient-rules.js';
import { inputRules } from './input-rules.js';
import { optionalRules } from './optional-rules.js';
import { modelSubject, type CheckModelOptions, type ModelSubject } from './subject.js';

export const modelSuite = createSuite(
  'models',
  [
    ...entryRules<ModelSubject>(),
    ...formRules,
    ...forwardRules,
    ...inputRules,
    ...gradientRules,
    ...chanceRules,
    ...optionalRules,
  ],
  modelSubject,
);
export type { CheckModelOptions };

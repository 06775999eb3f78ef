import { entryRules } from '../entry/entry-rules.js';
import type { RuleSpec } from '../harness/rule.js';
import { createSuite } from '../harness/suite.js';
import { textRules } from './rules.js';
import { savedRules } from './saving-rules.js';
import { tokenizerSubject, type CheckTokenizerOptions, type TokenizerSubject } from './subject.js';

const creates: RuleSpec<TokenizerSubject> = {
  id: 'creates',
  must: 'create gives a tokenizer',
  why: 'Every run makes one before its first step',
  mend: 'Return { name, vocabularySize, encode, decode, toJSON }; await context.trainingText() to learn',
  check: async ({ make }) => void (await make()),
};

export const tokenizerSuite = createSuite(
  'tokenizers',
  [...entryRules<TokenizerSubject>(), creates, ...textRules, ...savedRules],
  tokenizerSubject,
);
export type { CheckTokenizerOptions };

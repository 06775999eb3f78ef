import { entryRules } from '../entry/entry-rules.js';
import type { RuleSpec } from '../harness/rule.js';
import { createSuite } from '../harness/suite.js';
import { metricRules } from '../metrics/metric-rules.js';
import { dataRules } from './data-rules.js';
import { lossRules } from './loss-rules.js';
import { taskSubject, type CheckTaskOptions, type TaskSubject } from './subject.js';

const creates: RuleSpec<TaskSubject> = {
  id: 'creates',
  must: 'create gives a task with a name, units and names of its scores',
  why: 'Every run makes one before its first step, and says in these words what it learns',
  mend: 'Return { name, unit, lossUnit, scores, metrics, prepare, open, loss, score }',
  check: async ({ make }) => void (await make()),
};

export const taskSuite = createSuite(
  'tasks',
  [...entryRules<TaskSubject>(), creates, ...dataRules, ...lossRules, ...metricRules],
  taskSubject,
);
export type { CheckTaskOptions };

export type * from './events.js';
export { deepFreeze } from './deep-freeze.js';
export { parseEvent, parseEventLine, type ReadEvent } from './parse-event.js';
export { bestStep as bestStepSchema } from './fields.js';
export { EVENTS, isDurable, type Durability } from './schema.js';
export { foldRun, RunFold, type FoldLimits, type FoldOptions } from './fold/run-fold.js';
export { lastEvaluation, lastMetrics } from './fold/run-state.js';
export type * from './fold/run-state.js';

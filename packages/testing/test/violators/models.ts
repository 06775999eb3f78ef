/** A model, and what can be wrong with one. */
import type { CheckModelOptions } from '@ligature/testing';
import { formViolators } from './models/form.js';
import { forwardViolators } from './models/forward.js';
import { entryViolators } from './models/good.js';
import { learningViolators } from './models/learning.js';
import type { Violator } from './violators.js';

export { goodModel } from './models/good.js';

export const modelViolators: readonly Violator<CheckModelOptions>[] = [
  ...entryViolators,
  ...formViolators,
  ...forwardViolators,
  ...learningViolators,
];

import { createSuite } from '../harness/suite.js';
import { controllerRuleSpecs } from './rules.js';
import { controllerSubject, type CheckControllerOptions } from './subject.js';

export const controllerSuite = createSuite('controllers', controllerRuleSpecs, controllerSubject);
export type { CheckControllerOptions };

import { suites } from '@ligature/testing';
import './support/quiet-backend.js';
import { evaluatorViolators, goodEvaluator } from './violators/evaluators.js';
import { testSuite } from './violators/violators.js';

testSuite('evaluators', suites.evaluators, goodEvaluator, evaluatorViolators);

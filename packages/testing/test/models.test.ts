import { suites } from '@ligature/testing';
import './support/quiet-backend.js';
import { goodModel, modelViolators } from './violators/models.js';
import { testSuite } from './violators/violators.js';

testSuite('models', suites.models, goodModel, modelViolators);

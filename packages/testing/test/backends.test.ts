import { suites } from '@ligature/testing';
import './support/quiet-backend.js';
import { backendViolators, goodBackend } from './violators/backends.js';
import { testSuite } from './violators/violators.js';

testSuite('backends', suites.backends, goodBackend, backendViolators);

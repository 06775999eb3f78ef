import './support/quiet-backend.js';
import { suites } from '@ligature/testing';
import { controllerViolators, goodController } from './violators/controllers.js';
import { testSuite } from './violators/violators.js';

testSuite('controllers', suites.controllers, goodController, controllerViolators);

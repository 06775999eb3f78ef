import { suites } from '@ligature/testing';
import { goodRecorder, recorderViolators } from './violators/recorders.js';
import { testSuite } from './violators/violators.js';

testSuite('recorders', suites.recorders, goodRecorder, recorderViolators);

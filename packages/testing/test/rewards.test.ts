import { suites } from '@ligature/testing';
import './support/quiet-backend.js';
import { goodReward, rewardViolators } from './violators/rewards.js';
import { testSuite } from './violators/violators.js';

testSuite('rewards', suites.rewards, goodReward, rewardViolators);

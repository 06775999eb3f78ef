import { suites } from '@ligature/testing';
import { goodTokenizer, tokenizerViolators } from './violators/tokenizers.js';
import { testSuite } from './violators/violators.js';

testSuite('tokenizers', suites.tokenizers, goodTokenizer, tokenizerViolators);

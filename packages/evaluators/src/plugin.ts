/** What this package offers to the plug-in host. */
import { definePlugin } from '@ligature/core';
import { diagnostics } from './diagnostics/evaluator.js';
import { logPerplexityImprovement } from './rewards/log-perplexity-improvement.js';
import { metricImprovement } from './rewards/metric-improvement.js';
import { negativePerplexity } from './rewards/negative-perplexity.js';
import { pricedLoss } from './rewards/priced-loss.js';
import { ledger } from './run/ledger.js';
import { memory } from './run/memory.js';
import { throughput } from './run/throughput.js';

export const plugin = definePlugin({
  name: '@ligature/evaluators',
  version: '0.1.0',
  evaluators: { ledger, memory, throughput, diagnostics },
  rewards: {
    'negative-perplexity': negativePerplexity,
    'log-perplexity-improvement': logPerplexityImprovement,
    'metric-improvement': metricImprovement,
    'priced-loss': pricedLoss,
  },
});

/** The configuration that a run folder keeps, of this version or an earlier one. */
import { isDeepStrictEqual } from 'node:util';
import { describeIssues, InputError, parseJson, runConfigSchema, savedConfigSchema } from '@ligature/core';
import { jsonFile } from '../generate/json.js';
import { defineTarget, Violation } from '../target.js';

const SAVED: readonly unknown[] = [
  runConfigSchema.parse({}),
  {
    seed: 3,
    model: { name: 'gpt2', layers: 4, width: 16, heads: 2, context: 8 },
    training: { steps: 20, chunking: 'bos-eos', weightDecay: 0.1, decay: 'all', beta1: 0.9, beta2: 0.999 },
    evaluation: { evaluators: [{ name: 'perplexity', options: { mean: 'batch' } }, 'accuracy', 'memory'] },
  },
  {
    task: { name: 'causal-lm', chunking: 'contiguous' },
    optimizer: { name: 'muon', options: { momentum: 0.9 } },
    adapters: [{ name: 'lora', rank: 4 }],
    weights: { from: { name: 'run', folder: '../other' } },
    ...{ dataset: null, tokenizer: null },
  },
];

export const savedConfig = defineTarget({
  name: 'saved-config',
  reads: 'the configuration of a run, as a version of any age wrote it',
  input: jsonFile(SAVED),
  prepare: (bytes) => () => {
    const config = savedConfigSchema.safeParse(json(bytes));
    if (!config.success) throw refused(describeIssues(config.error));
    if (!isDeepStrictEqual(savedConfigSchema.parse(config.data), config.data)) {
      throw new Violation('read again it says something else');
    }
    return config.data;
  },
});

function json(bytes: Uint8Array): unknown {
  try {
    return parseJson(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw refused('it is no JSON');
  }
}

const refused = (found: string): InputError =>
  new InputError('config-invalid', { asked: 'Read a configuration', found, todo: 'Use another' });

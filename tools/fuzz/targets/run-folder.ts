/** A saved model and the run around it, as `evaluate` and `generate` open it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandomStreams, runConfigSchema } from '@ligature/core';
import { openRun } from '@ligature/run';
import { createByteTokenizer, trainBpe } from '@ligature/tokenizers';
import { loadModel } from '@ligature/trainer/node';
import { createGpt2 } from '@ligature/transformer';
import { encodeSafetensors, WeightRegistry, type SafetensorsFile } from '@ligature/weight-sharing';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { createHost } from '../../../packages/cli/src/builtins.js';
import '../backend.js';
import { damaged } from '../generate/bytes.js';
import { jsonFile } from '../generate/json.js';
import { applyEdit, toJsonText, toTree, treeEdit } from '../generate/trees.js';
import { CODE_MARK } from '../judge.js';
import { defineTarget, Violation } from '../target.js';

const SIZES = { layers: 3, width: 4, heads: 2, context: 4, vocabularySize: 256 };
const model = createGpt2({ ...SIZES, dropout: 0, activation: 'gelu_new', layerNormEpsilon: 1e-5 });

function exported(map: number[]): SafetensorsFile {
  const registry = new WeightRegistry(model, createRandomStreams(1));
  registry.initialize(map);
  const file = registry.exportWeights();
  registry.dispose();
  return file;
}

const FILES = [exported([0, 1, 2]), exported([0, 0, 2])];
const TEXT = 'The tale of a whale.';
const { vocabularySize, ...shape } = SIZES;
const common = { format: 'ligature-model', step: 20, tieMap: [0, 0, 2] };
const inputs = { vocabularySize };
const byte = createByteTokenizer().toJSON();
const bpe = trainBpe(TEXT, { vocabularySize: 260 });
const config = runConfigSchema.parse({ model: shape, tokenizer: 'byte', backend: 'cpu' });
const description = { ...common, version: 2, config, task: { tokenizer: byte }, inputs };
const learned = { config: { ...config, tokenizer: 'bpe' }, task: { tokenizer: bpe } };

/** A configuration of before there were tasks, and what stood beside it. */
const firstConfig = {
  ...{ seed: 1, tokenizer: { name: 'byte', options: {} }, backend: 'cpu', model: { name: 'gpt2', ...shape } },
  training: { steps: 20, chunking: 'contiguous', weightDecay: 0.01, beta1: 0.9, beta2: 0.99, epsilon: 1e-8 },
  evaluation: { evaluators: [{ name: 'perplexity', options: { mean: 'batch' } }, 'accuracy', 'memory'] },
};
const DESCRIPTIONS = [
  description,
  { ...description, ...learned, inputs: { vocabularySize: 260 } },
  { ...description, config: { ...config, plugins: ['./evil.mjs'] } },
  { ...common, version: 1, config: firstConfig, vocabularySize, tokenizerJson: byte },
];

/** Weights whose tie maps say something else than their tensors. */
const disagreeing = fc
  .tuple(
    fc.constantFrom(...FILES),
    fc.constantFrom('tieMap', 'tieMaps', 'format'),
    fc.array(treeEdit, { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([file, key, edits, omit]) => {
    const text = file.metadata[key] ?? '""';
    const tree = toTree(key === 'format' ? text : JSON.parse(text));
    for (const one of edits) applyEdit({ items: [tree] }, one);
    const tensors = new Map([...file.tensors].slice(omit ? 1 : 0));
    return encodeSafetensors({ tensors, metadata: { ...file.metadata, [key]: toJsonText(tree) } });
  });
const weights = fc.oneof(
  { weight: 3, arbitrary: disagreeing },
  { weight: 2, arbitrary: fc.constantFrom(...FILES.map(encodeSafetensors)) },
  { weight: 2, arbitrary: damaged(fc.constantFrom(...FILES.map(encodeSafetensors))) },
);
const saved = fc.oneof(
  fc.tuple(jsonFile(DESCRIPTIONS), weights),
  fc.tuple(fc.constant(Buffer.from(JSON.stringify(description))), weights),
);

function write(folder: string, [json, tensors]: readonly [Uint8Array, Uint8Array]): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.json'), json);
  writeFileSync(join(folder, 'model.safetensors'), tensors);
}

export const modelFolder = defineTarget({
  name: 'model-folder',
  reads: 'a saved model, and its weights into a model',
  input: saved,
  prepare(files, { folder }) {
    write(folder, files);
    return async () => {
      const before = tf.memory().numTensors;
      const registry = new WeightRegistry(model, createRandomStreams(1));
      try {
        const loaded = await loadModel(folder);
        registry.importWeights(loaded.weights);
        return [loaded.config, loaded.task, loaded.inputs, registry.tieMap];
      } finally {
        registry.dispose();
        if (tf.memory().numTensors !== before) throw new Violation('it kept tensors');
      }
    };
  },
});

const host = createHost();

export const runFolder = defineTarget({
  name: 'run-folder',
  reads: 'a finished run, as evaluate and generate open it',
  input: saved,
  prepare(files, { folder }) {
    write(join(folder, 'checkpoints', 'step-000020'), files);
    writeFileSync(join(folder, 'evil.mjs'), `globalThis.${CODE_MARK} = true;\n`);
    return async () => {
      const before = tf.memory().numTensors;
      const env = { host, cwd: folder, cacheFolder: join(folder, 'cache'), now: () => 0 };
      try {
        const run = await openRun(folder, env, { backend: 'cpu' });
        run.fitted.tokenizer?.encode(TEXT);
        run.dispose();
        return run.config;
      } finally {
        if (tf.memory().numTensors !== before) throw new Violation('it kept tensors');
      }
    };
  },
});

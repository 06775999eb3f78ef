/**
 * Trains the npm package gpt-tfjs as it is, on the backend that is named: `train-gpt.ts BACKEND STEPS WIDTH LAYERS`. In a
 * process of its own, because tfjs-layers numbers the names of weights and Math.random is replaced, so that every
 * process begins with the same weights. Prints one line of JSON.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs';
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { OnnxRuntimeBackend } from '../../src/index.js';
import { randomOf } from './random.js';

interface GptTfjs {
  readonly model: {
    GPTLMHeadModel(config: object): {
      train(dataset: tf.data.Dataset<tf.TensorContainer>, config: object): Promise<void>;
      generateSync(start: number[][], config: object): number[][];
    };
  };
}

const load = createRequire(import.meta.url);
const { model } = load('gpt-tfjs') as GptTfjs;

const [backend = 'onnxruntime', steps = '8', width = '32', layers = '2'] = process.argv.slice(2);

const VOCABULARY = 16;
const CONTEXT = 16;

// eslint-disable-next-line no-restricted-properties -- it is replaced, not used: tfjs draws initial weights from it
Math.random = randomOf(7);

/** Counting up in steps of 1, 2 or 3, modulo the vocabulary: easy to learn, and every batch is another. */
function* windows() {
  for (let i = 0; ; i += 1) {
    const row = Array.from({ length: CONTEXT + 1 }, (_, t) => (i + t * ((i % 3) + 1)) % VOCABULARY);
    yield {
      x: tf.tensor1d(row.slice(0, -1), 'int32'),
      y: tf.oneHot(tf.tensor1d(row.slice(1), 'int32'), VOCABULARY),
    };
  }
}

const wasm = load.resolve('@tensorflow/tfjs-backend-wasm');
setWasmPaths(`${path.dirname(wasm)}/`);
await tf.setBackend(backend);
const gpt = model.GPTLMHeadModel({
  nLayer: Number(layers),
  nHead: 4,
  nEmbd: Number(width),
  vocabSize: VOCABULARY,
  blockSize: CONTEXT,
  dropout: 0,
});

const losses: number[] = [];
const milliseconds: number[] = [];
let start = performance.now();
await gpt.train(tf.data.generator(windows) as tf.data.Dataset<tf.TensorContainer>, {
  maxIter: Number(steps),
  batchSize: 8,
  shuffle: undefined,
  lr: 3e-3,
  callbacks: [
    (_model: unknown, loss: number) => {
      losses.push(loss);
      milliseconds.push(performance.now() - start);
      start = performance.now();
    },
  ],
});
const [text] = gpt.generateSync([[0, 2, 4]], { maxNewTokens: 5 });
const engine = tf.backend();
process.stdout.write(
  `${JSON.stringify({
    losses,
    milliseconds,
    text,
    tensors: tf.memory().numTensors,
    statistics: engine instanceof OnnxRuntimeBackend ? engine.statistics : undefined,
  })}\n`,
);

import { definePlugin } from '@ligature/core';
import { cpu } from './entries/cpu.js';
import { onnxruntime } from './entries/onnxruntime.js';
import { tensorflow, tensorflowGpu } from './entries/tensorflow.js';
import { wasm } from './entries/wasm.js';

export const plugin = definePlugin({
  name: '@ligature/backends',
  version: '0.1.0',
  backends: { 'tensorflow-gpu': tensorflowGpu, onnxruntime, tensorflow, wasm, cpu },
});

export default plugin;

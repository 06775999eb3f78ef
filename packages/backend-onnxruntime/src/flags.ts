/** `tf.env().set('ONNXRUNTIME_DEBUG', true)` names every kernel that runs on tfjs's CPU kernels instead. */
import { env } from '@tensorflow/tfjs-core';

env().registerFlag('ONNXRUNTIME_DEBUG', () => false);

/** The backend of the targets that need one: plain JavaScript, which is the same everywhere. */
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';

await tf.setBackend('cpu');

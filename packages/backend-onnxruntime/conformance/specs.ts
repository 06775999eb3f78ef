/** Entry of the bundle: the environment first, then every spec that tfjs-core ships. */
import './environment.js';
import '@tensorflow/tfjs-core/dist/tests.js';

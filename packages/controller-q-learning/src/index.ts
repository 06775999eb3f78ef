/** Q-learning controller for dynamic layer tying, and the plug-in that offers it as `q-learning`. */
export { createQLearning, type QLearningController, type QWeights } from './controller.js';
export {
  officialOptions,
  qLearningOptionsSchema,
  type QLearningOptions,
  type QLearningOptionsInput,
} from './options.js';
export { plugin, plugin as default } from './plugin.js';

/** Q-learning controller for dynamic layer tying, and the plug-in that offers it as `q-learning`. */
export { createQLearning, type QLearningController, type QWeights } from './controller.js';
export { officialOptionsSchema, qLearningOptionsSchema } from './options.js';
export {
  cleanOptions,
  officialOptions,
  paperOptions,
  type PresetName,
  type QLearningOptions,
  type QLearningOptionsInput,
} from './presets.js';
export { plugin, plugin as default } from './plugin.js';

/** Simulated annealing over tie maps, and the plug-in that offers it as `annealing`. */
export { acceptance, createAnnealing } from './controller.js';
export { drawMove, moveCount, type Move, type MoveKind } from './moves.js';
export { annealingOptionsSchema, type AnnealingOptions, type AnnealingOptionsInput } from './options.js';
export { plugin, plugin as default } from './plugin.js';

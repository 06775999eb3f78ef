/** Greedy merging of the layers that are most alike, and the plug-in that offers it as `similarity`. */
export { createSimilarity } from './controller.js';
export { mostSimilarBlocks, type SimilarPair as BlockPair } from '@ligature/core';
export { similarityOptionsSchema, type SimilarityOptions, type SimilarityOptionsInput } from './options.js';
export { plugin, plugin as default } from './plugin.js';

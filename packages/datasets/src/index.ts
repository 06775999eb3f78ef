export { createBatchSource, type BatchSourceOptions } from './batch-source.js';
export { evaluationBatches, trainingBatches, type BatchShape } from './batches.js';
export { cutChunks, rowGroups, type Chunking, type ChunkOptions, type Chunks } from './chunks.js';
export { createEvaluationSet, type EvaluationOptions } from './evaluation-set.js';
export { plugin, plugin as default } from './plugin.js';
export { DATASET_NAMES, resolveDataset, type ResolveOptions } from './resolve.js';
export { createMobyDick, createSotu } from './sources/bundled.js';
export { createTextDataset, textOptionsSchema } from './sources/text.js';
export { createWikitext, wikitextOptionsSchema } from './sources/wikitext.js';
export { deriveSplits, sharesSchema, SPLIT_NAMES, type Shares } from './splits.js';
export {
  tokenizeDataset,
  type TokenizedDataset,
  type TokenizeOptions,
  type VocabularyUse,
} from './tokenize.js';

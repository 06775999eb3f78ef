export { languageModelMetrics } from './causal-lm/metrics.js';
export { causalLmOptionsSchema, createCausalLm, type CausalLmOptions } from './causal-lm/task.js';
export { generateTokens, generationOptionsSchema } from './causal-lm/generation/generate.js';
export type { GenerationOptions } from './causal-lm/generation/generate.js';
export { sampleToken, samplingOptionsSchema } from './causal-lm/generation/sample.js';
export type { SamplingOptions } from './causal-lm/generation/sample.js';
export {
  createImageClassification,
  imageClassificationOptionsSchema,
  type ImageClassificationOptions,
} from './image-classification/task.js';
export { majorityClass, type MajorityOptions } from './floors/majority-class.js';
export { createLastWord, lastWordOptionsSchema, type LastWordOptions } from './last-word/task.js';
export { createMaskedLm, maskedLmOptionsSchema, type MaskedLmOptions } from './masked-lm/task.js';
export { masked, type Masking } from './masked-lm/masking.js';
export { accuracy, columnSum, meanMetric, type MeanOver } from './metrics.js';
export { f1, matthews } from './metrics/classes.js';
export { meanSquaredErrorMetric, pearson, spearman } from './metrics/numbers.js';
export {
  questionAnsweringOptionsSchema,
  type QuestionAnsweringOptions,
} from './question-answering/options.js';
export { createQuestionAnswering } from './question-answering/task.js';
export {
  sequenceClassificationOptionsSchema,
  type SequenceClassificationOptions,
} from './sequence-classification/options.js';
export { createSequenceClassification } from './sequence-classification/task.js';
export { sha256 } from './text/digest.js';
export { createBatchSource, type BatchSourceOptions } from './text/batch-source.js';
export { evaluationBatches, trainingBatches, type EvaluationChoice, type TextShape } from './text/batches.js';
export { cutChunks, type Chunking, type ChunkOptions, type Chunks } from './text/chunks.js';
export { documentsOf, rowGroups } from './text/row-groups.js';
export type { TokenIds } from './text/token-ids.js';
export { createEvaluationSet, type EvaluationOptions } from './text/evaluation-set.js';
export {
  tokenizeDataset,
  type TokenizedDataset,
  type TokenizeOptions,
  type VocabularyUse,
} from './text/tokenize.js';
export { plugin, plugin as default } from './plugin.js';

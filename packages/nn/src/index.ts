/** The differentiable pieces that architectures share. */
export { selfAttention } from './attention/self-attention.js';
export type {
  AttentionInput,
  AttentionOptions,
  AttentionShape,
  QueriesKeysValues,
} from './attention/attention-input.js';
export { rotaryFrequencies, rotaryTables } from './attention/rotary.js';
export type { RotaryOptions, RotaryScaling, RotaryTables } from './attention/rotary.js';
export { causalMask, MASKED, paddingMask } from './attention/masks.js';
export { cachedAttention, filledCache, stepPlace } from './attention/cached-attention.js';
export type { KeyValues, StepPlace } from './attention/cached-attention.js';
export { layerNorm } from './norms/layer-norm.js';
export { rmsNorm } from './norms/rms-norm.js';
export { gelu } from './mlp/gelu.js';
export type { Activation } from './mlp/gelu.js';
export { mlp } from './mlp/mlp.js';
export type { MlpWeights } from './mlp/mlp.js';
export { swiglu } from './mlp/swiglu.js';
export type { SwigluWeights } from './mlp/swiglu.js';
export { embedding } from './embedding/embedding.js';
export { takeRows } from './embedding/take-rows.js';
export { linear, plusBias, reshaped, residual } from './linear.js';
export type { MatrixRows } from './linear.js';
export { dropoutMask, dropoutOf } from './dropout.js';
export type { Dropout } from './dropout.js';
export { meanCrossEntropy } from './loss/cross-entropy.js';
export type { LabelOptions } from './loss/labels.js';
export { projectedOutputs } from './loss/projected-outputs.js';
export { projectedCrossEntropy } from './loss/projected-cross-entropy.js';
export { projectedSpanCrossEntropy, spanLogits } from './loss/span-cross-entropy.js';
export type { SpanLogits } from './loss/span-cross-entropy.js';
export { spanScores, type SpanLabels } from './loss/span-scores.js';
export { labelScores } from './loss/label-scores.js';
export type { LabelScoreOptions } from './loss/label-scores.js';
export { meanSquaredError } from './loss/squared-error.js';
export { withGradient } from './gradient/custom-gradient.js';
export type { ForwardResult } from './gradient/custom-gradient.js';
export { registerMatMulGradient } from './gradient/mat-mul-gradient.js';
export { sumRows } from './gradient/sum-rows.js';
export { boundary } from './backend/boundary.js';
export { compiled } from './backend/compiled.js';
export type { Compiled } from './backend/compiled.js';
export { fusedKernel } from './backend/fused-kernel.js';

/** Times generation with the model's key-value cache and, on the same weights, with the whole sequence for each token. */
import { createRandomStream, createRandomStreams } from '@ligature/core';
import { generateTokens } from '@ligature/tasks';
import { WeightRegistry } from '@ligature/weight-sharing';
import { start, type BackendRequest } from '../backends.js';
import { median } from '../numbers.js';
import type { Workload } from '../workloads.js';
import type { Report } from './report.js';
import { modelOf, type LanguageModel } from './training.js';

export interface GenerateRequest extends BackendRequest {
  readonly workload: Workload;
  /** Tokens of the prompt. */
  readonly prompt: number;
  /** Timed tokens; the first one, which reads the prompt, comes before them. */
  readonly tokens: number;
}

export interface GenerationPace {
  /** Until the first token is there: reads the prompt, and compiles where that is done. */
  readonly firstSeconds: number;
  /** By the median time of a token. */
  readonly tokensPerSecond: number;
}

export interface GenerateMeasurement {
  readonly backend: string;
  readonly cached: GenerationPace;
  /** Without the cache. */
  readonly whole: GenerationPace;
  readonly speedup: number;
  /** Whether both wrote the same tokens. */
  readonly sameText: boolean;
}

export async function measureGenerate(
  request: GenerateRequest,
  report: Report,
): Promise<GenerateMeasurement> {
  const { backend, workload, prompt, tokens } = request;
  const selected = await start(request);
  report(`${backend}: ${selected.detail}`);
  const language = modelOf(workload);
  const registry = new WeightRegistry(language.model, createRandomStreams(1));
  registry.initialize();
  const stream = createRandomStream(1, 'prompt');
  const before = Array.from({ length: prompt }, () => stream.integer(0, workload.vocabularySize));

  const write = async (by: LanguageModel): Promise<GenerationPace & { readonly ids: number[] }> => {
    const ids: number[] = [];
    const seconds: number[] = [];
    let last = performance.now();
    const options = { maxTokens: tokens + 1, topK: 40 };
    const written = generateTokens(by, registry.view(), before, options, createRandomStream(1, 'generation'));
    for await (const id of written) {
      const now = performance.now();
      seconds.push((now - last) / 1000);
      last = now;
      ids.push(id);
    }
    return { ids, firstSeconds: seconds[0]!, tokensPerSecond: 1 / median(seconds.slice(1)) };
  };
  const { decoder: _decoder, ...withoutCache } = language.model;
  const { ids: ours, ...cached } = await write(language);
  report(`${backend}: with the cache ${cached.tokensPerSecond.toFixed(1)} tokens/s`);
  const { ids: theirs, ...whole } = await write({ ...language, model: withoutCache });
  report(`${backend}: without ${whole.tokensPerSecond.toFixed(1)} tokens/s`);
  registry.dispose();
  return {
    backend,
    cached,
    whole,
    speedup: cached.tokensPerSecond / whole.tokensPerSecond,
    sameText: ours.join() === theirs.join(),
  };
}

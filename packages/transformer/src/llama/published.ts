/**
 * LLaMA's weights as others publish them: with or without `model.` before the names, with the rotary frequencies that older
 * versions of Hugging Face's code kept as buffers, with a head that is tied to the embedding once more.
 */
import { InputError, type WeightsFile } from '@ligature/core';
import { rotaryFrequencies } from '@ligature/nn';
import { renamed, takeSecondName, type StoredTensor } from '../published.js';
import type { ResolvedLlamaConfig } from './options.js';
import { EMBEDDING, HEAD } from './parameters.js';

const STACK = /^(layers\.\d+\.|embed_tokens\.|norm\.)/;
const FREQUENCIES = /(^|\.)rotary_emb\.inv_freq$/;

/**
 * @returns the same weights by their full names here, without what is no parameter
 * @throws InputError (`weight-twice`, `weights-other-model`)
 */
export function publishedLlama(config: ResolvedLlamaConfig, file: WeightsFile): WeightsFile {
  const tensors = renamed(file, (name) => (STACK.test(name) ? `model.${name}` : name));
  for (const [name, tensor] of [...tensors]) {
    if (!FREQUENCIES.test(name)) continue;
    if (!areOwn(config, tensor)) {
      const model = `a LLaMA with heads of ${config.headSize} and ropeTheta ${config.ropeTheta}, or set these`;
      throw otherModel(name, 'they are frequencies of other rotary positions', model);
    }
    tensors.delete(name);
  }
  if (config.tiedHead) {
    const model = 'a LLaMA whose head is its token embedding, or leave out tiedHead';
    const found = `it is not ${EMBEDDING}, to which the head is tied here`;
    const head = `${HEAD}.weight`;
    takeSecondName(tensors, head, EMBEDDING, () => otherModel(head, found, model));
  }
  return { tensors, metadata: file.metadata };
}

/** As they are or scaled, both were kept. Files have them in bfloat16, too: they need to be near, not equal. */
function areOwn(config: ResolvedLlamaConfig, { data }: StoredTensor): boolean {
  const { headSize: size, ropeTheta: theta } = config;
  return [null, config.ropeScaling].some((scaling) => {
    const own = rotaryFrequencies({ size, theta, scaling });
    return (
      data.length === own.length &&
      own.every((frequency, at) => Math.abs(Number(data[at]) / frequency - 1) < 0.01)
    );
  });
}

/** @param model whose weights would do */
const otherModel = (name: string, found: string, model: string): InputError =>
  new InputError('weights-other-model', {
    asked: `Load the weight "${name}"`,
    found,
    todo: `Use weights of ${model}`,
  });

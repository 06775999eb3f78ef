/**
 * ViT's weights as others publish them: with or without `vit.` before the names, by the names that Hugging Face's modules have
 * had since version 5 (their files keep the older ones), and with what no head here reads, the pooler and the token that
 * stands for masked patches.
 */
import type { WeightsFile } from '@ligature/core';
import { renamed } from '../published.js';

const STACK = /^(embeddings|encoder\.layer\.\d+|layers\.\d+|layernorm|pooler)\./;
const LAYER = /^vit\.layers\.(\d+)\.(.+)\.(weight|bias)$/;
/** Of version 5, inside of a layer. */
const MODULES: Readonly<Record<string, string>> = {
  'attention.q_proj': 'attention.attention.query',
  'attention.k_proj': 'attention.attention.key',
  'attention.v_proj': 'attention.attention.value',
  'attention.o_proj': 'attention.output.dense',
  'mlp.fc1': 'intermediate.dense',
  'mlp.fc2': 'output.dense',
};
const UNREAD = /^vit\.(pooler\..*|embeddings\.mask_token)$/;

/**
 * @returns the same weights by their full names here, without what is not read
 * @throws InputError (`weight-twice`)
 */
export function publishedVit(file: WeightsFile): WeightsFile {
  const tensors = renamed(file, ownName);
  for (const name of [...tensors.keys()]) if (UNREAD.test(name)) tensors.delete(name);
  return { tensors, metadata: file.metadata };
}

function ownName(name: string): string {
  const full = STACK.test(name) ? `vit.${name}` : name;
  return full.replace(LAYER, (_, layer: string, module: string, kind: string) => {
    const older = Object.hasOwn(MODULES, module) ? MODULES[module]! : module;
    return `vit.encoder.layer.${layer}.${older}.${kind}`;
  });
}

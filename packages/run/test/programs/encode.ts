/** Encodes forty texts in three processes and prints their ids: run by encode-pool.test.ts as commands run, from sources. */
import { PluginHost, type Tokenizer } from '@ligature/core';
import { createGpt2Tokenizer, plugin } from '@ligature/tokenizers';
import { parallelEncoder } from '../../src/encode/pool.js';

const tokenizer: Tokenizer = {
  ...(await createGpt2Tokenizer()),
  encode() {
    throw new Error('it was encoded by no other process');
  },
};
const encode = parallelEncoder({ name: 'gpt2', options: {} }, new PluginHost().register(plugin), 3);

async function* texts(): AsyncGenerator<string> {
  for (let at = 0; at < 40; at += 1) yield `A text, ${'again and '.repeat(40 - at)}${at}`;
}

const ids: number[][] = [];
for await (const one of encode?.(tokenizer, texts()) ?? []) ids.push([...one]);
process.stdout.write(JSON.stringify(ids));

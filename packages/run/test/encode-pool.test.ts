/** Texts in several processes have the ids, the order and the errors of one. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PluginHost, definePlugin, type Tokenizer } from '@ligature/core';
import { createByteTokenizer, createGpt2Tokenizer, plugin } from '@ligature/tokenizers';
import { describe, expect, it } from 'vitest';
import { parallelEncoder } from '../src/encode/pool.js';

const host = new PluginHost().register(plugin);
const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('parallelEncoder', () => {
  it('is none for one core, and for tokenizers that no other process can make', () => {
    const other = definePlugin({
      name: 'other',
      version: '1.0.0',
      tokenizers: { odd: plugin.tokenizers.byte },
    });
    expect(parallelEncoder({ name: 'byte', options: {} }, host, 1)).toBeUndefined();
    expect(
      parallelEncoder({ name: 'odd', options: {} }, new PluginHost().register(other), 4),
    ).toBeUndefined();
    expect(parallelEncoder({ name: 'byte', options: {} }, host, 4)).toBeTypeOf('function');
  });

  it('encodes here where no process can be made', async () => {
    const encode = parallelEncoder({ name: 'byte', options: { eos: 'no boolean' } }, host, 2);
    const ids = await all(encode?.(createByteTokenizer(), texts('ab', 'c')));
    expect(ids).toEqual([[97, 98], [99]]);
  });

  it('fails with the error of the tokenizer', async () => {
    const failing: Tokenizer = {
      ...createByteTokenizer(),
      encode(text) {
        if (text === 'bad') throw new Error('a text that it does not take');
        return Int32Array.of(text.length);
      },
    };
    const encode = parallelEncoder({ name: 'byte', options: { eos: 'no boolean' } }, host, 2);
    await expect(all(encode?.(failing, texts('a', 'bad', 'b')))).rejects.toThrow(
      'a text that it does not take',
    );
  });

  it('gives the ids of one process in their order', async () => {
    // In a process that runs sources as the command does: its own begin as it did.
    const flags = [
      '--conditions=@ligature/source',
      '--import',
      'tsx',
      'packages/run/test/programs/encode.ts',
    ];
    const { status, stdout, stderr } = spawnSync(process.execPath, flags, { cwd: root, encoding: 'utf8' });
    expect(status, stderr).toBe(0);
    const tokenizer = await createGpt2Tokenizer();
    const expected = Array.from({ length: 40 }, (_, at) => [
      ...tokenizer.encode(`A text, ${'again and '.repeat(40 - at)}${at}`),
    ]);
    expect(JSON.parse(stdout)).toEqual(expected);
  }, 60_000);
});

async function* texts(...all: readonly string[]): AsyncGenerator<string> {
  yield* all;
}

async function all(ids: AsyncIterable<Int32Array> | undefined): Promise<number[][]> {
  const lists: number[][] = [];
  for await (const one of ids ?? []) lists.push([...one]);
  return lists;
}

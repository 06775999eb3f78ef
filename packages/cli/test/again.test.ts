/** What the command says to type next must work as it stands, for runs of plug-ins too. */
import { definePlugin, runConfigSchema, type PluginHost } from '@ligature/core';
import { describe, expect, it } from 'vitest';
import { createHost } from '../src/builtins.js';
import { evaluateNeedsPlugins, generateNeedsPlugins, howToResume } from '../src/command-lines/again.js';

describe('how to go on', () => {
  it('names the plug-ins, in quotes where a shell would take them apart', () => {
    expect(howToResume('runs/a', [])).toBe('To go on: ligature resume runs/a');
    expect(howToResume('runs/a', ['./mine', '@me/rule'])).toBe(
      'To go on: ligature resume runs/a --plugins ./mine,@me/rule',
    );
    expect(howToResume('my runs/a', ['./my plug-in.js'])).toBe(
      'To go on: ligature resume "my runs/a" --plugins "./my plug-in.js"',
    );
  });
});

describe('what a finished run is good for', () => {
  const host: PluginHost = createHost().register(
    definePlugin({
      name: 'mine',
      version: '1.0.0',
      tokenizers: { runes: { ...createHost().entry('tokenizers', 'byte') } },
      evaluators: { spread: { ...createHost().entry('evaluators', 'memory') } },
      optimizers: { slow: { ...createHost().entry('optimizers', 'sgd') } },
      adapters: { thin: { ...createHost().entry('adapters', 'lora') } },
      controllers: { mine: { ...createHost().entry('controllers', 'none') } },
    }),
  );
  const needs = (input: Parameters<typeof runConfigSchema.parse>[0]): readonly boolean[] => {
    const config = runConfigSchema.parse(input);
    return [generateNeedsPlugins(config, host), evaluateNeedsPlugins(config, host)];
  };

  it('needs the plug-ins of its model and text again, not those of its controller', () => {
    expect(needs({ controller: 'mine', dataset: './book.txt' })).toEqual([false, false]);
    expect(needs({ evaluation: { evaluators: ['memory', 'spread'] } })).toEqual([false, true]);
    expect(needs({ tokenizer: 'runes' })).toEqual([true, true]);
    expect(needs({ optimizer: 'slow' })).toEqual([true, true]);
    expect(needs({ adapters: ['lora', 'thin'] })).toEqual([true, true]);
  });
});

import { PluginHost } from '@ligature/core';
import { Ansis } from 'ansis';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { backendText } from '../src/commands/doctor.js';
import { optionRows } from '../src/commands/option-rows.js';
import { describeEntries, listEntries, listText, type DescribedEntry } from '../src/commands/plugins.js';
import { run } from '../src/index.js';
import { fakeIo } from './fake-io.js';

const plain = new Ansis(0);

const host = new PluginHost().register({
  name: 'someone',
  version: '1.0.0',
  controllers: {
    coin: {
      meta: {
        summary: 'Tosses a coin.',
        reference: 'Nobody 2026',
        options: z.strictObject({ bias: z.number().min(0).max(1).default(0.5) }),
      },
      create: () => ({ snapshot: () => null, restore: () => undefined }),
    },
  },
});

describe('options of an entry', () => {
  it('are read from its schema: type, range, default, meaning', () => {
    const schema = z.strictObject({
      count: z.int().min(1).max(9).default(3).describe('how many'),
      rate: z.number().positive().lt(1).optional(),
      kind: z.enum(['a', 'b']).default('a'),
      names: z.array(z.string()).optional(),
      path: z.string(),
      deep: z.strictObject({ flag: z.boolean().default(false) }).prefault({}),
      buffer: z
        .strictObject({ size: z.int().default(8) })
        .nullable()
        .default(null),
    });
    const rows = optionRows(schema).map(({ name, type, range, required, ...rest }) => [
      name,
      type,
      range,
      'default' in rest ? rest.default : required ? 'required' : 'optional',
    ]);
    expect(rows).toEqual([
      ['count', 'whole number', '1 to 9', 3],
      ['rate', 'number', 'more than 0, less than 1', 'optional'],
      ['kind', 'a | b', '', 'a'],
      ['names', 'list of text', '', 'optional'],
      ['path', 'text', '', 'required'],
      ['deep.flag', 'true | false', '', false],
      ['buffer', 'object | null', '', null],
      ['buffer.size', 'whole number', '', 8],
    ]);
    expect(optionRows(schema)[0]?.description).toBe('how many');
  });
});

describe('plugins', () => {
  it('lists by kind and says whose a foreign one is', () => {
    expect(listText(listEntries(host), 80, plain)).toBe(
      'controllers\n  coin  Tosses a coin. (someone)\n\nOptions of one: ligature plugins NAME\n',
    );
  });

  it('describes one by name', () => {
    expect(describeEntries(host, 'coin')).toEqual([
      {
        kind: 'controllers',
        name: 'coin',
        plugin: 'someone',
        summary: 'Tosses a coin.',
        reference: 'Nobody 2026',
        options: [
          { name: 'bias', type: 'number', range: '0 to 1', default: 0.5, required: false, description: '' },
        ],
      },
    ]);
  });

  it('shows the built-in ones, each with a summary that fits and options that can be listed', async () => {
    const io = fakeIo();
    expect(await run(['plugins'], io)).toBe(0);
    for (const kind of [
      'controllers',
      'evaluators',
      'rewards',
      'tokenizers',
      'datasets',
      'models',
      'tasks',
      'adapters',
      'optimizers',
      'weights',
      'backends',
      'recorders',
      'studies',
      'executors',
    ]) {
      expect(io.out()).toMatch(new RegExp(`^${kind}$`, 'm'));
    }
    for (const line of io.out().split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const json = fakeIo();
    await run(['plugins', '--json'], json);
    for (const { name } of JSON.parse(json.out()) as { name: string }[]) {
      const one = fakeIo();
      expect(await run(['plugins', name, '--json'], one)).toBe(0);
      const [described] = JSON.parse(one.out()) as DescribedEntry[];
      for (const { name: option, type } of described?.options ?? [])
        expect([option, type]).not.toContain('any');
    }
  });
});

describe('doctor', () => {
  it('says what was tried, why, how to get a better one, and which is taken', () => {
    const text = backendText(
      [
        {
          name: 'fast',
          summary: '',
          available: false,
          reason: 'fast-lib is not installed',
          version: null,
          todo: 'Run `npm install fast-lib`',
          product: null,
        },
        {
          name: 'slow',
          summary: '',
          available: true,
          reason: 'plain JavaScript',
          version: '4.22.0',
          todo: null,
          product: { size: 256, milliseconds: 30, gflops: 1.118 },
        },
      ],
      80,
      plain,
    );
    expect(text).toBe(
      [
        'Backends, in the order they are tried',
        'no  fast  fast-lib is not installed',
        '          to get it: Run `npm install fast-lib`',
        'yes slow  plain JavaScript (version 4.22.0, 1.1 GFLOP/s on a 256 × 256 product)',
        '',
        '--backend auto takes slow: the first that works, fastest kind first.',
        '',
      ].join('\n'),
    );
  });
});

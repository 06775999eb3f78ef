/** One notation: whatever a flag takes means the same in YAML, in JSON, behind --set and in a sweep. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { choiceFields, InputError, runConfigSchema, type PluginKind, type RunConfig } from '@ligature/core';
import { z } from 'zod';
import { createHost } from '../src/builtins.js';
import { studyTools } from '../src/commands/study-tools.js';
import { readDraft } from '../src/config/build.js';
import { choiceReader, parseList } from '../src/config/choice.js';
import { builtConfig, type GivenFlags } from './built-config.js';
import { fakeIo } from './fake-io.js';

const host = createHost();
let cwd: string;
beforeAll(() => void (cwd = mkdtempSync(join(tmpdir(), 'ligature-notation-'))));
afterAll(() => rmSync(cwd, { recursive: true }));

/** The text of an entry with an option, for any kind: `cycle:blocks=4`. */
function example(kind: PluginKind): string {
  for (const { name, entry } of host.all(kind)) {
    const schema = z.toJSONSchema(entry.meta.options, { io: 'input', unrepresentable: 'any' });
    for (const [option, property] of Object.entries(schema.properties ?? {})) {
      const { default: usual, type } = property as { default?: unknown; type?: string };
      const value =
        usual !== undefined && usual !== null && typeof usual !== 'object'
          ? usual
          : type === 'string'
            ? 'x'
            : undefined;
      if (value !== undefined && entry.meta.options.safeParse({ [option]: value }).success)
        return `${name}:${option}=${String(value)}`;
    }
  }
  return host.names(kind)[0] as string;
}

const FLAGS: Readonly<Record<string, string>> = {
  'compare.controllers': 'controllers',
  'compare.control': 'control',
  recorders: 'record',
};
const nested = (path: readonly string[], value: unknown): object =>
  path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as object;

let files = 0;
function inFile(content: string, ending: string): Promise<RunConfig> {
  const file = `${(files += 1)}${ending}`;
  writeFileSync(join(cwd, file), content);
  return builtConfig({ flags: {}, file, cwd });
}

const field = (config: RunConfig, path: readonly string[]): unknown =>
  path.reduce<unknown>((place, key) => (place as Record<string, unknown>)[key], config);

async function everyWay(path: readonly string[], text: string): Promise<Record<string, unknown>> {
  const dotted = path.join('.');
  const flag = FLAGS[dotted] ?? (path.length === 1 ? dotted : undefined);
  const isFlag = flag !== undefined && !['reward', 'adapters'].includes(flag);
  const tools = studyTools(host, await readDraft({ flags: {}, cwd }), {
    io: { ...fakeIo(), cwd },
    modelOptions: [],
  });
  const setting = { path, value: tools.read.field(path, text, `--vary ${dotted}`), origin: '--vary' };
  const configs = {
    ...(isFlag && { flag: await builtConfig({ flags: { [flag]: text } as GivenFlags, cwd }) }),
    yaml: await inFile(
      `${path.map((key, depth) => `${'  '.repeat(depth)}${key}:`).join('\n')} ${text}\n`,
      '.yaml',
    ),
    json: await inFile(JSON.stringify(nested(path, text), null, '\t'), '.json'),
    set: await builtConfig({ flags: { set: [`${dotted}=${text}`] }, cwd }),
    sweep: tools.configure([setting]),
  };
  return Object.fromEntries(Object.entries(configs).map(([way, config]) => [way, field(config, path)]));
}

function expectAlike(ways: Record<string, unknown>): unknown {
  const [first, ...others] = Object.values(ways);
  expect(others.length).toBeGreaterThan(2);
  for (const [way, value] of Object.entries(ways)) expect(value, way).toEqual(first);
  return first;
}

describe('a choice', () => {
  it('is every field that the schema makes one', () => {
    const fields = choiceFields().map(
      ({ path, kind, list }) => `${path.join('.')} ${kind}${list ? ' list' : ''}`,
    );
    expect(fields).toEqual(
      expect.arrayContaining([
        'controller controllers',
        'weights.from weights',
        'compare.controllers controllers list',
        'compare.control controllers',
        'adapters adapters list',
      ]),
    );
    const choices =
      JSON.stringify(z.toJSONSchema(runConfigSchema, { io: 'input', unrepresentable: 'any' })).split(
        '"options":{"default":{}',
      ).length - 1;
    expect(fields).toHaveLength(choices);
  });

  it.each(choiceFields().map((one) => [one.path.join('.'), one] as const))(
    '%s is read alike wherever it is written',
    async (_name, { path, kind, list }) => {
      const text = example(kind);
      const read = expectAlike(await everyWay(path, text));
      const { name, options } = choiceReader(kind)(text, '');
      const expected = { name, options: expect.objectContaining(options) as object };
      expect(read).toEqual(list ? [expected] : expected);
      expect(Object.keys(options)).toHaveLength(text.includes(':') ? 1 : 0);
      if (list) expect(expectAlike(await everyWay(path, `${text},${text}`))).toEqual([expected, expected]);
    },
  );

  it.each([
    ['controller', '0-0-2-2', { name: 'map', options: { map: [0, 0, 2, 2] } }],
    ['controller', '0', { name: 'map', options: { map: [0] } }],
    [
      'compare.controllers',
      'none,0-0-1,cycle:blocks=2',
      parseList('controllers', 'none,0-0-1,cycle:blocks=2', ''),
    ],
    ['tokenizer', './made/tokenizer.json', { name: 'file' }],
    ['tokenizer', 'word:maxSize=50', { name: 'word', options: { maxSize: 50 } }],
    ['dataset', 'text:path=books:test=0.1', { name: 'text', options: { path: 'books', test: 0.1 } }],
    ['dataset', './b:c=d.txt', {}],
  ])('%s is %s in every way', async (dotted, text, expected) => {
    expect(
      expectAlike(
        Object.fromEntries(
          Object.entries(await everyWay(dotted.split('.'), text)).map(([way, value]) => [
            way,
            relative(value),
          ]),
        ),
      ),
    ).toMatchObject(expected);
  });

  /** A file's own places are absolute, those of flags are not yet. */
  const relative = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value).replaceAll(`${cwd}/`, './')) as unknown;

  it('keeps the options of the file when a flag, or --set, names it again', async () => {
    writeFileSync(
      join(cwd, 'cycle.yaml'),
      'controller: cycle:blocks=4\nmodel: { layers: 3 }\noptimizer: { name: sgd, momentum: 0.5 }\n',
    );
    for (const flags of [
      { controller: 'cycle', model: 'gpt2', optimizer: 'sgd' },
      { set: ['controller=cycle', 'model=gpt2', 'optimizer=sgd'] },
    ]) {
      const config = await builtConfig({ flags, file: 'cycle.yaml', cwd });
      expect(config.controller.options).toEqual({ blocks: 4 });
      expect(config.model.options['layers']).toBe(3);
      expect(config.optimizer.options['momentum']).toBe(0.5);
    }
  });

  it('takes options of a choice inside of a section, too', async () => {
    const flags = {
      set: [
        'weights.from=run',
        'weights.from.path=runs/a',
        'compare.control=cycle',
        'compare.control.blocks=2',
      ],
    };
    const { weights, compare } = await builtConfig({ flags, cwd });
    expect(weights.from).toEqual({ name: 'run', options: { path: 'runs/a' } });
    expect(compare.control).toEqual({ name: 'cycle', options: { blocks: 2 } });
  });
});

describe('other fields', () => {
  it.each([
    ['compare.seeds', '1,2,5', [1, 2, 5]],
    ['compare.seeds', '7,', [7]],
    ['compare.parallel', 'auto', 'auto'],
    ['training.budget', 'tokens:1e6', { kind: 'tokens', amount: 1e6 }],
    ['training.steps', '1e2', 100],
    ['plugins', './a.mjs, some-package', ['./a.mjs', 'some-package']],
  ])('%s is %s in files and behind --set', async (dotted, text, expected) => {
    const path = dotted.split('.');
    const yaml = await inFile(
      `${path.map((key, depth) => `${'  '.repeat(depth)}${key}:`).join('\n')} ${text}\n`,
      '.yaml',
    );
    const json = await inFile(JSON.stringify(nested(path, text)), '.json');
    const set = await builtConfig({ flags: { set: [`${dotted}=${text}`] }, cwd });
    for (const config of [yaml, json, set]) {
      expect(JSON.parse(JSON.stringify(field(config, path)).replace(`${cwd}/`, './'))).toEqual(expected);
    }
  });

  it('finds places: ~/ at home, ./ beside the file, others in the working folder', async () => {
    mkdirSync(join(cwd, 'sub'));
    const text =
      'dataset: ~/book.txt\ntokenizer: { name: file, path: ./t.json }\nout: ~/runs\nplugins: [~/p.mjs, ../q.mjs]\nweights: { from: run:path=../a }\n';
    writeFileSync(join(cwd, 'sub', 'places.yaml'), text);
    const read = await builtConfig({ flags: {}, file: 'sub/places.yaml', cwd });
    const home = homedir();
    expect(read).toMatchObject({
      dataset: { name: join(home, 'book.txt') },
      tokenizer: { name: 'file', options: { path: join(cwd, 'sub', 't.json') } },
      out: join(home, 'runs'),
      plugins: [join(home, 'p.mjs'), join(cwd, 'q.mjs')],
      weights: { from: { name: 'run', options: { path: join(cwd, 'a') } } },
    });
    const flags = {
      dataset: '~/book.txt',
      tokenizer: '~/t.json',
      plugins: ['~/p.mjs'],
      set: ['out=~/runs', 'weights.from=run:path=~/a'],
    };
    expect(await builtConfig({ flags, cwd })).toMatchObject({
      dataset: { name: join(home, 'book.txt') },
      tokenizer: { name: 'file', options: { path: join(home, 't.json') } },
      out: join(home, 'runs'),
      plugins: [join(home, 'p.mjs')],
      weights: { from: { options: { path: join(home, 'a') } } },
    });
  });
});

describe('YAML', () => {
  it('merges keys, the own ones before', async () => {
    const text =
      'tying: &t { window: 7, untie: clone }\ntraining:\n  <<: { steps: 3, batch: 4 }\n  batch: 2\n';
    expect(await inFile(text, '.yaml')).toMatchObject({
      tying: { window: 7 },
      training: { steps: 3, batch: 2 },
    });
  });

  it.each<[string, string, RegExp]>([
    ['a second document', 'seed: 1\n---\nseed: 2\n', /config-unreadable.*a second document begins in line 2/],
    ['an empty second document', 'seed: 1\n---\n', /a second document begins in line 2/],
    ['a merge of no map', '<<: 3\nseed: 1\n', /config-unreadable.*Merge sources must be maps/],
    [
      'an endless number',
      'training:\n  clip: .inf\n',
      /config-invalid.*training\.clip: must be a finite number, not Infinity/,
    ],
    [
      'no number',
      'controller: { name: q-learning, epsilon: .nan }\n',
      /controller\.epsilon: must be a finite number, not NaN/,
    ],
    [
      'a number beyond all',
      '{ "training": { "learningRate": 1e999 } }',
      /training\.learningRate: must be a finite number/,
    ],
    ['half a choice', 'controller: "cycle:blocks"\n', /choice-invalid.*"blocks" is not option=value/],
    ['a map that points forward', 'controller: 0-2-2\n', /tie-map-invalid.*layer 1 points at 2/],
  ])('with %s is refused', async (_what, text, message) => {
    const error: unknown = await inFile(text, '.yaml').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InputError);
    expect(`${(error as InputError).code} ${(error as InputError).message}`).toMatch(message);
  });

  it('is no other behind a flag: endless numbers name it', async () => {
    const refused = builtConfig({ flags: { set: ['training.clip=.inf'] }, cwd });
    await expect(refused).rejects.toThrow(
      /Use --set training\.clip=\.inf: training\.clip: must be a finite number/,
    );
    await expect(builtConfig({ flags: { controller: 'cycle:blocks=.nan' }, cwd })).rejects.toThrow(
      /--controller cycle:blocks=\.nan: controller\.blocks/,
    );
  });
});

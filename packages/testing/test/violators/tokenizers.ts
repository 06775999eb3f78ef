/** A tokenizer that learns pairs of bytes, and what can be wrong with one. */
import {
  ContractError,
  definePlugin,
  defineTokenizer,
  InputError,
  type Json,
  type Plugin,
  type Tokenizer,
} from '@ligature/core';
import type { CheckTokenizerOptions } from '@ligature/testing';
import { z } from 'zod';
import { entryFaults, type EntryFault } from './entry-faults.js';
import { NAME, type Violator } from './violators.js';

const fields = {
  pairs: z.number().int().min(0).default(20).describe('pairs of bytes that become one token'),
};
const options = z.strictObject(fields);
const saved = z.strictObject({ pairs: z.array(z.tuple([z.int(), z.int()])) });

type Pairs = readonly (readonly [number, number])[];

/** The commonest pairs of neighbouring bytes, the first of equals first. */
function learnt(text: string, count: number): Pairs {
  const bytes = new TextEncoder().encode(text);
  const counts = new Map<number, number>();
  for (let at = 1; at < bytes.length; at += 1) {
    const pair = bytes[at - 1]! * 256 + bytes[at]!;
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([pair]) => [pair >> 8, pair & 255] as const);
}

function fromPairs(pairs: Pairs): Tokenizer & Required<Pick<Tokenizer, 'byteLength'>> {
  const ids = new Map(pairs.map(([one, other], index) => [one * 256 + other, 256 + index]));
  const bytesOf = (id: number): readonly number[] => {
    const bytes = Number.isInteger(id) && id >= 0 ? (id < 256 ? [id] : pairs[id - 256]) : undefined;
    if (bytes) return bytes;
    throw new ContractError('token-id-unknown', {
      asked: `Decode ${id}`,
      found: 'no such id',
      todo: 'Check the ids',
    });
  };
  const allBytes = (list: ArrayLike<number>): number[] => Array.from(list).flatMap(bytesOf);
  return {
    name: 'pairs',
    vocabularySize: 256 + pairs.length,
    encode(text) {
      const bytes = new TextEncoder().encode(text);
      const found: number[] = [];
      for (let at = 0; at < bytes.length; at += 1) {
        const pair = ids.get(bytes[at]! * 256 + (bytes[at + 1] ?? 256 * 256));
        found.push(pair ?? bytes[at]!);
        if (pair !== undefined) at += 1;
      }
      return Int32Array.from(found);
    },
    decode: (list) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(Uint8Array.from(allBytes(list))),
    byteLength: (list) => allBytes(list).length,
    toJSON: () => ({ pairs: pairs.map((pair) => [...pair]) }),
  };
}

interface Inside {
  readonly good: Tokenizer;
  readonly saved: Json | undefined;
  /** Of `context`; makes the tokenizer ask for its text. */
  readonly trainingText: () => Promise<string>;
}
type Change = (inside: Inside) => Partial<Tokenizer> | Promise<Partial<Tokenizer>>;

interface Ways {
  /** Reads back what toJSON gave. */
  readonly restore?: (given: Json) => Pairs;
  readonly learn?: typeof learnt;
}

const restored = (given: Json): Pairs => {
  const parsed = saved.safeParse(given);
  if (parsed.success) return parsed.data.pairs;
  throw new InputError('saved-invalid', { asked: 'Restore', found: 'no tokenizer', todo: 'Check the file' });
};

function tokenizerPlugin(
  change: Change = () => ({}),
  ways: Ways = {},
  meta: EntryFault['meta'] = {},
): Plugin {
  const { restore = restored, learn = learnt } = ways;
  return definePlugin({
    name: 'violator',
    version: '1.0.0',
    tokenizers: {
      [NAME]: defineTokenizer({
        meta: { summary: 'Bytes and pairs', options, ...meta },
        async create({ pairs }: z.output<typeof options>, context) {
          const given = context.saved;
          const made = given === undefined ? learn(await context.trainingText(), pairs) : restore(given);
          const good = fromPairs(made);
          return { ...good, ...(await change({ good, saved: given, trainingText: context.trainingText })) };
        },
      }),
    },
  });
}

export const goodTokenizer = tokenizerPlugin();

const violator = (
  rule: string,
  fault: string,
  found: RegExp,
  change: Change,
  { ways, ...more }: Pick<Violator<CheckTokenizerOptions>, 'also' | 'options'> & { ways?: Ways } = {},
): Violator<CheckTokenizerOptions> => ({
  rule,
  fault,
  found,
  plugin: tokenizerPlugin(change, ways),
  ...more,
});

const shared = { made: 0 };

export const tokenizerViolators: readonly Violator<CheckTokenizerOptions>[] = [
  ...entryFaults(fields).map(({ meta, ...fault }) => ({
    ...fault,
    plugin: tokenizerPlugin(undefined, {}, meta),
  })),
  violator('creates', 'has no decode', /no function decode/, () => ({ decode: undefined }) as never),
  violator('creates', 'fails while it learns', /create was rejected with RangeError: too many/, () =>
    Promise.reject(new RangeError('too many')),
  ),
  violator(
    'plays-through',
    'stumbles over broken Unicode',
    /encode of lone surrogates threw URIError/,
    ({ good }) => ({
      encode: (text) => (encodeURIComponent(text) ? good.encode(text) : new Int32Array(0)),
    }),
  ),
  violator('encodes', 'gives a plain list', /gave \[97\]|encode of/, ({ good }) => ({
    encode: (text) => Array.from(good.encode(text)) as never,
  })),
  violator('encodes', 'begins every text with a token', /the empty text gave the ids \[0\]/, ({ good }) => ({
    encode: (text) => (text === '' ? Int32Array.of(0) : good.encode(text)),
    decode: (ids) => (ids.length === 1 && ids[0] === 0 ? '' : good.decode(ids)),
    byteLength: undefined as never,
  })),
  violator(
    'decodes',
    'takes an Int32Array only',
    /decode of .* threw TypeError|from another list/,
    ({ good }) => ({
      decode: (ids) => (ids instanceof Int32Array ? good.decode(ids) : ''),
    }),
    { also: ['unknown-ids-refused'] },
  ),
  violator(
    'ids-in-range',
    'does not count its pairs',
    /in a vocabulary of 256/,
    () => ({ vocabularySize: 256 }),
    {
      also: ['unknown-ids-refused'],
    },
  ),
  violator(
    'ids-in-range',
    'has an eos beyond its vocabulary',
    /eosId is 276 in a vocabulary of 276/,
    ({ good }) => ({
      eosId: good.vocabularySize,
    }),
  ),
  violator(
    'unknown-ids-refused',
    'decodes unknown ids to nothing',
    /the id 276 was decoded to ""/,
    ({ good }) => ({
      decode: (ids) =>
        good.decode(
          Array.from(ids).filter((id) => id >= 0 && id < good.vocabularySize && Number.isInteger(id)),
        ),
    }),
  ),
  violator(
    'round-trip',
    'ends lines in one way only',
    /Windows line ends: it is .* as it was given/,
    ({ good }) => ({
      encode: (text) => good.encode(text.replaceAll('\r\n', '\n')),
    }),
  ),
  violator(
    'normal-form',
    'decodes with spaces between',
    /after decoding/,
    ({ good }) => ({
      decode: (ids) => Array.from(ids, (id) => good.decode([id])).join(' '),
    }),
    { options: { lossless: false }, also: ['byte-length'] },
  ),
  violator('byte-length', 'counts characters', /has \d+ bytes, and byteLength says/, ({ good }) => ({
    byteLength: (ids) => good.decode(ids).length,
  })),
  violator('results-detached', 'gives its cache away', /after the caller changed its ids/, ({ good }) => {
    const cache = new Map<string, Int32Array>();
    return {
      encode(text) {
        const ids = cache.get(text) ?? good.encode(text);
        cache.set(text, ids);
        return ids;
      },
    };
  }),
  violator(
    'deterministic',
    'remembers where it stopped',
    /twice in a row/,
    ({ good }) => {
      const special = /chapter 0/g;
      return {
        encode: (text) =>
          special.test(text) ? Int32Array.from(new TextEncoder().encode(text)) : good.encode(text),
      };
    },
    { also: ['normal-form', 'results-detached'] },
  ),
  violator('deterministic', 'learns something else each time', /vocabularies of|from another/, () => ({}), {
    ways: { learn: (text, count) => learnt(text, count - ((shared.made += 1) % 5)) },
  }),
  violator('no-math-random', 'drops merges by chance', /Math.random\(\)/, ({ good }) => ({
    encode(text) {
      // eslint-disable-next-line no-restricted-properties -- the fault itself
      void Math.random();
      return good.encode(text);
    },
  })),
  violator('no-clock', 'stops merging when it takes too long', /performance.now\(\)/, ({ good }) => ({
    encode(text) {
      void performance.now();
      return good.encode(text);
    },
  })),
  violator(
    'saved-json',
    'saves a Map',
    /ranks is \{\} in memory/,
    ({ good }) => ({
      toJSON: () => ({ ...(good.toJSON() as object), ranks: new Map() }) as unknown as Json,
    }),
    {
      ways: {
        restore: (given) =>
          restored(given && typeof given === 'object' && 'pairs' in given ? { pairs: given.pairs! } : given),
      },
      also: [],
    },
  ),
  violator(
    'saved-restores',
    'forgets its last pair',
    /vocabularySize: it is 276 when saved and 275 when restored/,
    ({ good }) => ({
      toJSON: () => ({ pairs: (good.toJSON() as { pairs: Json[] }).pairs.slice(0, -1) }),
    }),
  ),
  violator(
    'saved-learns-nothing',
    'reads the text anyway',
    /called context.trainingText/,
    async ({ trainingText }) => {
      await trainingText();
      return {};
    },
  ),
  violator('saved-refuses', 'takes any saved thing', /took .* without a word/, () => ({}), {
    ways: { restore: (given) => saved.safeParse(given).data?.pairs ?? [] },
  }),
];

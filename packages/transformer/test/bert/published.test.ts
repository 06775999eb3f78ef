/** BERT from files as others publish them: all spellings give the same weights, and another model's are refused. */
import type { HeadKind, WeightsFile } from '@ligature/core';
import { createBert } from '@ligature/transformer';
import { describe, expect, it } from 'vitest';

type Tensors = WeightsFile['tensors'];
type Stored = Tensors extends ReadonlyMap<string, infer T> ? T : never;

const model = createBert({ layers: 2, width: 4, heads: 2, context: 5, vocabularySize: 7 });
const WORDS = 'bert.embeddings.word_embeddings.weight';

/** A file with the model's own names, every number another one. */
function ownFile(kind: HeadKind, outputs: number): Map<string, Stored> {
  let next = 0;
  const tensors = new Map<string, Stored>();
  for (const { name, shape, sharing } of [...model.parameters, ...model.heads[kind]!(outputs).parameters]) {
    const size = shape.reduce((product, n) => product * n, 1);
    const names =
      sharing === 'global' ? [name] : [0, 1].map((layer) => model.blockParameterName(layer, name));
    for (const full of names) {
      tensors.set(full, { shape, data: Float32Array.from({ length: size }, () => (next += 1)) });
    }
  }
  return tensors;
}

const read = (tensors: Tensors): Tensors => model.fromPublished!({ tensors, metadata: { a: 'b' } }).tensors;
const plain = (tensors: Tensors): object =>
  Object.fromEntries(
    [...tensors].map(([name, { shape, data }]) => [name, { shape, data: [...Array.from(data)] }]),
  );
const renamed = (tensors: Tensors, rename: (name: string) => string): Map<string, Stored> =>
  new Map([...tensors].map(([name, tensor]) => [rename(name), tensor]));
const vector = (...data: number[]): Stored => ({ shape: [1, data.length], data: Float64Array.from(data) });

const language = ownFile('masked-lm', 7);
const classifier = ownFile('sequence-classification', 3);

describe('weights of a file', () => {
  it.each([
    ['its own names', language, language],
    ['its own names, with a classifier and its pooler', classifier, classifier],
    ['names without bert.', language, renamed(language, (name) => name.replace(/^bert\./, ''))],
    ['wrappers', classifier, renamed(classifier, (name) => `module._orig_mod.${name}`)],
    [
      "TensorFlow's names of norms",
      language,
      renamed(language, (name) =>
        name.replace(/LayerNorm\.weight$/, 'LayerNorm.gamma').replace(/LayerNorm\.bias$/, 'LayerNorm.beta'),
      ),
    ],
    [
      'buffers of positions and segments',
      language,
      new Map([
        ...language,
        ['bert.embeddings.position_ids', vector(0, 1, 2, 3, 4)],
        ['embeddings.token_type_ids', vector(0, 0, 0, 0, 0)],
      ]),
    ],
    [
      'the tied head and its bias once more',
      language,
      new Map([
        ...language,
        ['cls.predictions.decoder.weight', language.get(WORDS)!],
        ['cls.predictions.decoder.bias', language.get('cls.predictions.bias')!],
      ]),
    ],
    [
      'the tied head instead of what it is tied to',
      language,
      renamed(language, (name) =>
        name === WORDS
          ? 'cls.predictions.decoder.weight'
          : name.replace(/^cls\.predictions\.bias$/, 'cls.predictions.decoder.bias'),
      ),
    ],
    [
      'all of the pretraining',
      language,
      new Map([
        ...language,
        ['pooler.dense.weight', vector(1)],
        ['bert.pooler.dense.bias', vector(2)],
        ['cls.seq_relationship.weight', vector(3)],
        ['cls.seq_relationship.bias', vector(4)],
      ]),
    ],
  ])('are read by %s', (_, own, file) => {
    expect(plain(read(file))).toEqual(plain(own));
  });

  it.each([
    ['both names of the bias', ['cls.predictions.bias', 'cls.predictions.decoder.bias']],
    ['the older one', ['cls.predictions.bias']],
    ['the newer one', ['cls.predictions.decoder.bias']],
  ])('of a head of its own are read with %s', (_, biases) => {
    const untied = createBert({ ...model.config, tiedHead: false });
    const weight = language.get(WORDS)!;
    const bias = language.get('cls.predictions.bias')!;
    const tensors = new Map([
      [WORDS, weight],
      ['cls.predictions.decoder.weight', vector(1)],
      ...biases.map((name) => [name, bias] as const),
    ]);
    expect(plain(untied.fromPublished!({ tensors, metadata: {} }).tensors)).toEqual(
      plain(
        new Map([
          [WORDS, weight],
          ['cls.predictions.decoder.weight', vector(1)],
          ['cls.predictions.decoder.bias', bias],
        ]),
      ),
    );
    const names = untied.heads['masked-lm']!(7).parameters.map(({ name }) => name);
    expect(names.filter((name) => /decoder|bias$/.test(name)).slice(-2)).toEqual([
      'cls.predictions.decoder.weight',
      'cls.predictions.decoder.bias',
    ]);
  });

  it('keep their metadata', () => {
    expect(model.fromPublished!({ tensors: language, metadata: { a: 'b' } }).metadata).toEqual({ a: 'b' });
  });

  it.each([
    ['a weight under two names', 'weight-twice', 'embeddings.word_embeddings.weight', language.get(WORDS)!],
    [
      'another head',
      'weights-other-model',
      'cls.predictions.decoder.weight',
      language.get('cls.predictions.transform.dense.weight')!,
    ],
    ['another bias', 'weights-other-model', 'cls.predictions.decoder.bias', vector(1, 2, 3, 4, 5, 6, 7)],
    ['other positions', 'weights-other-model', 'bert.embeddings.position_ids', vector(2, 3, 4, 5, 6)],
    ['other segments', 'weights-other-model', 'bert.embeddings.token_type_ids', vector(0, 1, 1)],
  ])('are refused: %s', (_, code, name, tensor) => {
    expect(() => read(new Map([...language, [name, tensor]]))).toThrow(expect.objectContaining({ code }));
  });
});

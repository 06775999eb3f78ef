/** BERT as others see it: names, shapes and starting values, who sees whom, dropout, and what it refuses. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { InputError, PluginHost } from '@ligature/core';
import type { HeadKind, Mode, Model, TensorBatch } from '@ligature/core';
import plugin, { createBert } from '@ligature/transformer';
import type { BertConfig } from '@ligature/transformer';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectClose } from '../../../nn/test/support/close.js';
import { EVALUATING, outputsOf, randomWeights, untied, wholeOf } from '../support/whole.js';

const tiny = { layers: 2, width: 8, heads: 2, context: 6, vocabularySize: 11 };
const causal = { ...tiny, decoder: true };

const whole = (options: BertConfig, kind: HeadKind, outputs = options.vocabularySize) =>
  wholeOf(createBert(options), kind, outputs);

const ids = (rows: number[][]): tf.Tensor2D => tf.tensor2d(rows, undefined, 'int32');

/** Runs `use` with a head's outputs for a batch, on weights that are the same for every batch. */
function withOutputs(
  options: BertConfig,
  kind: HeadKind,
  use: (outputs: (batch: TensorBatch, mode?: Mode) => Float32Array) => void,
  outputs?: number,
): void {
  tf.tidy(() => {
    const one = whole(options, kind, outputs);
    const view = untied(one.model, randomWeights(one, 7));
    use((batch, mode) => outputsOf(one, view, batch, mode).dataSync() as Float32Array);
  });
}

let before = 0;
beforeEach(async () => {
  await tf.setBackend('cpu');
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

describe('parameters', () => {
  it('number as many as in bert-base-uncased, with the pooler', () => {
    const model = createBert({ layers: 12, width: 768, heads: 12, context: 512, vocabularySize: 30_522 });
    const pooler = model.heads['sequence-classification']!(2).parameters.slice(0, 2);
    const size = (specs: Model['parameters']): number =>
      specs.reduce((sum, { shape }) => sum + shape.reduce((product, n) => product * n, 1), 0);
    const of = (sharing: string): Model['parameters'] =>
      model.parameters.filter((spec) => spec.sharing === sharing);
    // 109 482 240 parameters (Hugging Face, `BertModel` of `bert-base-uncased`).
    expect(12 * size(of('block')) + size(of('global')) + size(pooler)).toBe(109_482_240);
  });

  it('start as BERT starts: N(0, 0.02), norms 1, biases 0; matrices are [out, in]', () => {
    for (const kind of ['masked-lm', 'sequence-classification', 'token-span']) {
      const { parameters } = whole(tiny, kind, kind === 'masked-lm' ? 11 : 2);
      for (const { name, shape, rows, initializer } of parameters) {
        if (name.endsWith('.bias')) expect(initializer).toEqual({ kind: 'constant', value: 0 });
        else if (name.includes('LayerNorm')) expect(initializer).toEqual({ kind: 'constant', value: 1 });
        else expect(initializer).toEqual({ kind: 'normal', standardDeviation: 0.02 });
        expect(rows, name).toBe(shape.length === 2 && !name.includes('embeddings') ? 'outputs' : undefined);
      }
    }
    const shapes = Object.fromEntries(createBert(tiny).parameters.map(({ name, shape }) => [name, shape]));
    expect(shapes['intermediate.dense.weight']).toEqual([32, 8]);
    const narrow = createBert({ ...tiny, intermediateSize: 10, typeVocabularySize: 3 });
    const narrower = Object.fromEntries(narrow.parameters.map(({ name, shape }) => [name, shape]));
    expect(narrower['output.dense.weight']).toEqual([8, 10]);
    expect(narrower['bert.embeddings.token_type_embeddings.weight']).toEqual([3, 8]);
  });

  it('are parts of a block that can be tied on their own', () => {
    const components = createBert(tiny).parameters.flatMap(({ component }) => component ?? []);
    expect([...new Set(components)]).toEqual(['attention', 'norms', 'mlp']);
  });
});

describe('who sees whom', () => {
  const row = [1, 2, 3, 4, 5, 6];

  it('everybody everybody, and without segments all tokens are of the first', () => {
    withOutputs(tiny, 'masked-lm', (outputs) => {
      const plain = outputs({ inputs: ids([row]) });
      const changed = outputs({ inputs: ids([[1, 2, 3, 4, 5, 9]]) });
      expect(plain.slice(0, 11)).not.toEqual(changed.slice(0, 11));
      const types = (kind: number): tf.Tensor => ids([row.map(() => kind)]);
      expect(outputs({ inputs: ids([row]), token_type_ids: types(0) })).toEqual(plain);
      expect(outputs({ inputs: ids([row]), token_type_ids: types(1) })).not.toEqual(plain);
    });
  });

  it('nobody padding, so a padded row is the shorter row', () => {
    withOutputs(tiny, 'masked-lm', (outputs) => {
      const attention_mask = ids([[1, 1, 1, 1, 0, 0]]);
      const padded = outputs({ inputs: ids([row]), attention_mask });
      expectClose(padded.slice(0, 44), outputs({ inputs: ids([row.slice(0, 4)]) }), 1e-5, 1e-5);
      const all = outputs({ inputs: ids([row]), attention_mask: ids([row.map(() => 1)]) });
      expectClose(all, outputs({ inputs: ids([row]) }), 1e-6, 1e-6);
    });
  });

  it('of a row of padding alone everybody sees the mean, in finite numbers', () => {
    withOutputs(tiny, 'masked-lm', (outputs) => {
      const inputs = ids([row, row]);
      const found = outputs({ inputs, attention_mask: ids([row.map(() => 1), row.map(() => 0)]) });
      expect(found.every(Number.isFinite)).toBe(true);
      // The row beside it is as if it were alone.
      expectClose(found.slice(0, 66), outputs({ inputs: ids([row]) }), 1e-6, 1e-6);
    });
  });

  it('a causal one nobody behind itself, with and without padding', () => {
    withOutputs(causal, 'causal-lm', (outputs) => {
      const other = [1, 2, 3, 4, 9, 10];
      for (const mask of [undefined, row.map(() => 1), [1, 1, 0, 1, 1, 1]]) {
        const fields = mask ? { attention_mask: ids([mask]) } : {};
        const [one, two] = [row, other].map((tokens) => outputs({ inputs: ids([tokens]), ...fields }));
        expect(one!.slice(0, 44)).toEqual(two!.slice(0, 44));
        expect(one!.slice(44)).not.toEqual(two!.slice(44));
      }
      const hidden = outputs({ inputs: ids([row]), attention_mask: ids([[1, 1, 0, 1, 1, 1]]) });
      expect(hidden.slice(33)).not.toEqual(outputs({ inputs: ids([row]) }).slice(33));
    });
  });
});

describe('states', () => {
  it('are read from by layer, the last ones being what heads read', () => {
    tf.tidy(() => {
      const one = whole(tiny, 'masked-lm');
      const view = untied(one.model, randomWeights(one, 3));
      const batch = { inputs: ids([[1, 2, 3]]) };
      const states = one.model.hidden!(view, batch);
      expect(states.map(({ shape }) => shape)).toEqual([
        [3, 8],
        [3, 8],
      ]);
      const { rows } = one.model.encode(view, batch, EVALUATING);
      expect([...states[1]!.dataSync()]).toEqual([...rows.dataSync()]);
    });
  });

  it('take no gradient for the embedding of padding, where there is a padding token', () => {
    const gradientOf = (options: BertConfig): Float32Array =>
      tf.tidy(() => {
        const one = whole(options, 'token-span', 2);
        const weights = randomWeights(one, 3);
        const name = 'bert.embeddings.word_embeddings.weight';
        const gradient = tf.grad((table) =>
          outputsOf(one, untied(one.model, new Map(weights).set(name, table)), { inputs: ids([[4, 0, 5]]) }),
        )(weights.get(name)!);
        return gradient.dataSync() as Float32Array;
      });
    const [all, without] = [gradientOf(tiny), gradientOf({ ...tiny, paddingToken: 0 })];
    expect(all.slice(0, 8).some((value) => value !== 0)).toBe(true);
    expect([...without.slice(0, 8)]).toEqual(Array(8).fill(0));
    expect(without.slice(8)).toEqual(all.slice(8));
  });
});

describe('dropout', () => {
  const seeds =
    (first: number): (() => number) =>
    () =>
      first++;
  const inputs = (): TensorBatch => ({ inputs: ids([[1, 2, 3]]) });
  /** Masks that one training pass asks for. */
  const asked = (options: object, kind: HeadKind, outputs = 11): number => {
    let count = 0;
    withOutputs(
      { ...tiny, ...options },
      kind,
      (run) => void run(inputs(), { training: true, dropoutSeed: () => (count += 1) }),
      outputs,
    );
    return count;
  };

  it('is off while evaluating, and by the seeds that it is given while training', () => {
    withOutputs(
      { ...tiny, dropout: 0.3 },
      'sequence-classification',
      (run) => {
        const plain = run(inputs());
        expect(run(inputs(), { training: false, dropoutSeed: seeds(1) })).toEqual(plain);
        const dropped = run(inputs(), { training: true, dropoutSeed: seeds(1) });
        expect(dropped).not.toEqual(plain);
        expect(run(inputs(), { training: true, dropoutSeed: seeds(1) })).toEqual(dropped);
        expect(run(inputs(), { training: true, dropoutSeed: seeds(50) })).not.toEqual(dropped);
        expect(() => run(inputs(), { training: true })).toThrow(
          expect.objectContaining({ code: 'dropout-seed-missing' }),
        );
      },
      3,
    );
  });

  it('is where the original has it: embeddings, probabilities, both branches, what is classified', () => {
    expect(asked({ dropout: 0.1 }, 'masked-lm')).toBe(1 + 3 * 2);
    expect(asked({ dropout: 0.1 }, 'sequence-classification', 3)).toBe(1 + 3 * 2 + 1);
    expect(asked({ dropout: 0.1, attentionDropout: 0 }, 'masked-lm')).toBe(1 + 2 * 2);
    expect(asked({ attentionDropout: 0.1 }, 'sequence-classification', 3)).toBe(2);
    const stochastic = (options: object): unknown[] => {
      const { model, head } = whole({ ...tiny, ...options }, 'sequence-classification', 3);
      return [model.stochastic, head.stochastic];
    };
    expect(stochastic({})).toEqual([false, false]);
    expect(stochastic({ attentionDropout: 0.1 })).toEqual([true, false]);
    expect(stochastic({ dropout: 0.1 })).toEqual([true, true]);
  });
});

describe('what it refuses', () => {
  const code = (make: () => unknown): string => {
    try {
      make();
    } catch (error) {
      expect(error).toBeInstanceOf(InputError);
      return (error as InputError).code;
    }
    return 'nothing';
  };

  it.each([
    [{ layers: 0 }],
    [{ width: 2.5 }],
    [{ heads: -1 }],
    [{ context: 0 }],
    [{ vocabularySize: 0 }],
    [{ intermediateSize: 0 }],
    [{ typeVocabularySize: 0 }],
    [{ dropout: 1 }],
    [{ attentionDropout: -0.1 }],
    [{ layerNormEpsilon: 0 }],
    [{ activation: 'relu' as 'gelu' }],
    [{ decoder: 'yes' as unknown as boolean }],
    [{ paddingToken: 11 }],
    [{ bias: false } as object],
  ])('options %o', (wrong) => {
    expect(code(() => createBert({ ...tiny, ...wrong }))).toBe('model-options-invalid');
  });

  it('heads that do not divide the width', () => {
    expect(code(() => createBert({ ...tiny, heads: 3 }))).toBe('heads-do-not-divide-width');
    expect(() => createBert({ ...tiny, heads: 3 })).toThrow('Use 2 or 4 heads');
  });

  it('batches without tokens, too long, or with fields of another shape', () => {
    tf.tidy(() => {
      const one = whole(tiny, 'masked-lm');
      const view = untied(one.model, randomWeights(one, 1));
      const read = (batch: TensorBatch) => () => one.model.encode(view, batch, EVALUATING);
      expect(code(read({ pixels: tf.zeros([1, 2]) }))).toBe('batch-field-missing');
      expect(code(() => one.model.hidden!(view, {}))).toBe('batch-field-missing');
      expect(code(() => one.model.cost({ pixels: [1, 2] }))).toBe('batch-field-missing');
      expect(code(read({ inputs: ids([[1, 2, 3, 4, 5, 6, 7]]) }))).toBe('sequence-length-invalid');
      for (const name of ['attention_mask', 'token_type_ids']) {
        const wrong = read({ inputs: ids([[1, 2]]), [name]: ids([[1, 1, 1]]) });
        expect(code(wrong)).toBe('batch-field-shape');
        expect(wrong).toThrow(`"${name}"`);
      }
    });
  });

  it('outputs that a head cannot give', () => {
    expect(code(() => whole(tiny, 'masked-lm', 12))).toBe('head-outputs-invalid');
    expect(code(() => whole(causal, 'causal-lm', 12))).toBe('head-outputs-invalid');
    expect(code(() => whole(tiny, 'token-span', 3))).toBe('head-outputs-invalid');
  });

  it('heads and a decoder that make no sense for who sees whom', () => {
    const [both, one] = [createBert(tiny), createBert(causal)];
    expect(Object.keys(both.heads)).toEqual(['masked-lm', 'sequence-classification', 'token-span']);
    expect(Object.keys(one.heads)).toEqual(['causal-lm']);
    expect([both.decoder === undefined, one.decoder === undefined]).toEqual([true, false]);
  });
});

describe('the plug-in', () => {
  it('makes a model for the vocabulary of the data, and says what it misses there', async () => {
    const host = new PluginHost();
    host.register(plugin);
    const make = async (options: object, inputs: Record<string, number>): Promise<Model> =>
      host.create('models', 'bert', options, { inputs });
    const model = await make({ layers: 3, width: 12, heads: 3 }, { vocabularySize: 20 });
    expect([model.name, model.layers, model.width, model.context]).toEqual(['bert', 3, 12, 64]);
    expect(model.parameters[0]).toMatchObject({ shape: [20, 12] });
    await expect(make({}, { imageSize: 8 })).rejects.toThrow('Make a BERT for the data of this task');
  });
});

/** What a backend promises: to say what it is, to compute right, to give back what was written, and to let go. */
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { entryRules } from '../entry/entry-rules.js';
import { broken } from '../harness/finding.js';
import type { RuleSpec } from '../harness/rule.js';
import { difference, show } from '../harness/show.js';
import { createSuite } from '../harness/suite.js';
import { DTYPES, ELEMENTWISE, PLACES, PRODUCTS, REDUCTIONS } from './known-results.js';
import {
  assertKnown,
  backendSubject,
  type BackendSubject,
  type CheckBackendOptions,
  type Known,
} from './subject.js';

const computes =
  (known: readonly Known[]) =>
  ({ onBackend }: BackendSubject): Promise<void> =>
    onBackend(async () => {
      for (const one of known) await assertKnown(one);
    });

const creates: RuleSpec<BackendSubject> = {
  id: 'creates',
  must: 'create gives a backend with its tfjs name, and starts nothing yet',
  why: 'Entries are made to be listed and probed; what is loaded then slows every start and may fail where nobody asked',
  mend: 'Load, register and set up in `prepare`, not in `create`',
  check: async ({ make }) => {
    const state = (): unknown => ({
      current: tf.getBackend() ?? null,
      known: Object.keys(tf.engine().registry),
    });
    const before = state();
    await make();
    const found = difference(before, state(), ['before', 'after']);
    if (found !== undefined) broken(`create changed what tfjs runs on: ${found}`);
  },
};

const prepares: RuleSpec<BackendSubject> = {
  id: 'prepares',
  must: 'prepare registers the backend with tfjs and says its version and what it runs on, or throws an Error that says why not',
  why: '`ligature doctor` and the manifest of every run show both; `auto` passes on to the next backend with the reason',
  mend: 'Register under tfjsName, return { version, detail }; throw an Error with a sentence about this machine',
  check: ({ onBackend, make, prepare }) =>
    onBackend(async () => {
      const description: unknown = await prepare(await make());
      const { version, detail } = (description ?? {}) as Record<string, unknown>;
      for (const text of [version, detail]) {
        if (typeof text !== 'string' || text.trim() === '' || text.includes('\n')) {
          broken(`prepare gave ${show(description)}`);
        }
      }
    }),
};

const preparesAgain: RuleSpec<BackendSubject> = {
  id: 'prepares-again',
  must: 'preparing a backend that is ready changes nothing: the same description, and tensors stay what they are',
  why: 'Several runs of one process prepare the same backend; a fresh start would take the weights of the first away',
  mend: 'Keep what is registered when it is there already',
  check: ({ onBackend, make, prepare }) =>
    onBackend(async (backend) => {
      const kept = tf.tensor1d([1, 2, 3]);
      const descriptions = [await prepare(backend), await prepare(await make())];
      const found = difference(descriptions[0], descriptions[1]);
      const values = Array.from(await kept.data().catch(() => []));
      kept.dispose();
      if (found !== undefined) broken(`prepared again, its ${found}`);
      if (String(values) !== '1,2,3') broken('prepared again, it lost the values of a tensor');
    }),
};

const keepsCurrent: RuleSpec<BackendSubject> = {
  id: 'keeps-current',
  must: 'prepare leaves the backend that tfjs is using in use',
  why: '`ligature doctor` prepares every backend while one is at work; who prepares decides when to switch',
  mend: 'Call tf.setBackend with the name from before when prepare has to switch',
  check: async ({ onBackend, make, prepare }) => {
    const other = 'ligature-check';
    await onBackend(async () => {
      // A stand-in that computes nothing: only its being the current one is looked at.
      tf.registerBackend(other, () => Object.assign(new tf.KernelBackend(), { dispose: () => undefined }));
      try {
        await tf.setBackend(other);
        await prepare(await make());
        const current = tf.getBackend();
        if (current !== other) broken(`after prepare tfjs uses "${current}"`);
      } finally {
        await tf.setBackend((await make()).tfjsName);
        tf.removeBackend(other);
      }
    });
  },
};

const reads: RuleSpec<BackendSubject> = {
  id: 'reads',
  must: 'data and dataSync give back what was written, to the last bit: NaN, infinities and -0 too, and no values of an empty tensor',
  why: 'Weights are saved by reading them; a run knows that it diverged by reading a NaN',
  mend: 'Copy bytes, and convert nothing',
  check: ({ onBackend }) =>
    onBackend(async () => {
      const odd = Float32Array.of(NaN, Infinity, -Infinity, -0, 0, 1e-45, 3.4028234663852886e38, 0.1);
      for (const written of [odd, Float32Array.of(), Int32Array.of(2 ** 31 - 1, -(2 ** 31), 0)]) {
        const dtype = written instanceof Float32Array ? 'float32' : 'int32';
        const tensor = tf.tensor1d(written.slice(), dtype);
        const found = [await tensor.data(), tensor.dataSync()];
        tensor.dispose();
        for (const [index, values] of found.entries()) {
          const differs = difference(Array.from(written), Array.from(values), ['as written', 'as read']);
          if (differs !== undefined)
            broken(`with ${index === 0 ? 'data' : 'dataSync'}, ${dtype} value ${differs}`);
        }
      }
    }),
};

/** dL/dA = G Bᵀ and dL/dB = Aᵀ G of L = sum(G * A B), by hand. */
const gradients: RuleSpec<BackendSubject> = {
  id: 'gradients',
  must: 'the gradients of a product by both its operands are right, through the tape of tfjs',
  why: 'They are two thirds of a training step, in layouts that the forward pass never uses',
  mend: 'Check products whose left or right operand is transposed',
  check: ({ onBackend }) =>
    onBackend(async () => {
      const differentiate = (): Tensor[] => {
        const a = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
        const b = tf.tensor2d([1, -1, 2, 0, 0.5, 2, -1, 3], [2, 4]);
        const upstream = tf.tensor2d([1, 0, -1, 2, 0, 1, 1, 0, 2, -1, 0, 1], [3, 4]);
        const { value, grads } = tf.valueAndGrads((one, other) => productOf(one!, other!))([a, b], upstream);
        return [value, ...grads];
      };
      const part = (index: number): Tensor => differentiate()[index]!;
      await assertKnown({
        name: 'a product under the tape',
        compute: () => part(0),
        expected: [2, 3, 0, 6, 5, 5, 2, 12, 8, 7, 4, 18],
        form: '[3, 4] float32',
      });
      await assertKnown({
        name: 'the gradient by the left operand',
        compute: () => part(1),
        expected: [-1, 7.5, 1, 1, 3, 2],
        form: '[3, 2] float32',
      });
      await assertKnown({
        name: 'the gradient by the right operand',
        compute: () => part(2),
        expected: [11, -2, 2, 7, 14, -2, 2, 10],
        form: '[2, 4] float32',
      });
    }),
};

/** tfjs-core on its own has no gradient of a product, so it is given here. */
const productOf = (one: Tensor, other: Tensor): Tensor =>
  tf.customGrad<Tensor2D>((...given) => {
    const [left, right, save] = given as unknown as [Tensor2D, Tensor2D, (tensors: Tensor[]) => void];
    save([left, right]);
    return {
      value: tf.matMul(left, right) as Tensor2D,
      gradFunc: (dy: Tensor, saved: Tensor[]) => [
        tf.matMul(dy, saved[1]!, false, true),
        tf.matMul(saved[0]!, dy, true, false),
      ],
    };
  })(one, other);

const releases: RuleSpec<BackendSubject> = {
  id: 'releases',
  must: 'a tensor that is disposed is gone: as many tensors, buffers and bytes are held as before',
  why: 'A run makes millions of tensors; a backend that keeps them fills the memory in minutes',
  mend: 'Free the buffer in disposeData when its last reference goes',
  check: ({ onBackend }) =>
    onBackend(async () => {
      const held = (): unknown => {
        const { numTensors, numDataBuffers, numBytes } = tf.memory();
        return { numTensors, numDataBuffers, numBytes, ofBackend: tf.backend().numDataIds() };
      };
      const work = async (): Promise<void> => {
        const product = tf.tidy(() => {
          const matrix = tf.tensor2d([1, 2, 3, 4], [2, 2]);
          return tf.reshape(tf.matMul(tf.tanh(matrix), matrix), [4]);
        });
        await product.data();
        product.dispose();
      };
      // What a backend makes once, and keeps, is no leak.
      await work();
      const before = held();
      for (let time = 0; time < 5; time += 1) await work();
      const found = difference(before, held(), ['before', 'after five times']);
      if (found !== undefined) broken(found);
    }),
};

const repeats: RuleSpec<BackendSubject> = {
  id: 'repeats',
  must: 'the same computation gives the same bits again',
  why: 'Same seed, same backend, same log: a sum whose order depends on threads makes runs that nobody can repeat',
  mend: 'Add up in a fixed order, whatever the number of threads that are free',
  check: ({ onBackend }) =>
    onBackend(async () => {
      const compute = async (): Promise<number[]> => {
        const result = tf.tidy(() => {
          const left = tf.tensor2d(
            Float32Array.from({ length: 96 * 65 }, (_, i) => Math.sin(i)),
            [96, 65],
          );
          const right = tf.tensor2d(
            Float32Array.from({ length: 65 * 96 }, (_, i) => Math.cos(i)),
            [65, 96],
          );
          const product = tf.matMul(left, right);
          return tf.concat([
            tf.reshape(tf.softmax(product), [-1]),
            tf.sum(product, 0),
            tf.reshape(tf.sum(product), [1]),
          ]);
        });
        const values = Array.from(await result.data());
        result.dispose();
        return values;
      };
      const first = await compute();
      for (let time = 0; time < 3; time += 1) {
        const found = difference(first, await compute());
        if (found !== undefined) broken(`value ${found}`);
      }
    }),
};

const specs: readonly RuleSpec<BackendSubject>[] = [
  ...entryRules<BackendSubject>(),
  creates,
  prepares,
  preparesAgain,
  keepsCurrent,
  {
    id: 'products',
    must: 'products of matrices agree with plain loops, whichever operand is transposed and whatever the sizes',
    why: 'Training is mostly products; sizes that are no multiple of a tile are where they go wrong',
    mend: 'Treat the last rows and columns of a tile with care; test against a loop',
    check: computes(PRODUCTS),
  },
  {
    id: 'elementwise',
    must: 'sums, quotients, roots, exponentials and their like are right, spread over rows and columns too',
    why: 'Norms, activations and the optimizer are made of them',
    mend: 'Register the kernel that the message names, or mend it',
    check: computes(ELEMENTWISE),
  },
  {
    id: 'reductions',
    must: 'sums, means, maxima, softmax and logSumExp are right over every axis, for large numbers too',
    why: 'Losses and attention are made of them: a softmax that overflows makes every loss NaN',
    mend: 'Subtract the maximum before exp; register or mend the kernel that the message names',
    check: computes(REDUCTIONS),
  },
  {
    id: 'places',
    must: 'lookups, scatters, cuts, joins and transpositions put every value where it belongs',
    why: 'Embeddings and attention heads are made of them; a value in another place is no error, only a worse model',
    mend: 'Register the kernel that the message names, or mend it',
    check: computes(PLACES),
  },
  {
    id: 'dtypes',
    must: 'int32 stays exact, bool is 0 or 1, and casts cut off towards zero',
    why: 'Token ids are int32: one that passes through float32 is another token beyond 2^24',
    mend: 'Keep the type of the inputs; convert only in Cast',
    check: computes(DTYPES),
  },
  reads,
  gradients,
  releases,
  repeats,
];

export const backendSuite = createSuite('backends', specs, backendSubject);
export type { CheckBackendOptions };

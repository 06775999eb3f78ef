/** Looks at every backend, for `ligature doctor`: what works, what does not and why, and how to get a better one. */
import type { AnyEntry, BackendContext } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import { AUTOMATIC_ORDER, entriesOf, type BackendSource } from './sources.js';
import { tryBackend, type Trial } from './trial.js';

export interface BackendProbe {
  readonly name: string;
  readonly summary: string;
  readonly available: boolean;
  /** Why not, or what it runs on. */
  readonly reason: string;
  /** `null` when it is not available. */
  readonly version: string | null;
  /** What to do to get it; `null` when it is there. */
  readonly todo: string | null;
  /** One product of two [size, size] matrices, best of a few: a hint, not a benchmark. */
  readonly product: { readonly size: number; readonly milliseconds: number; readonly gflops: number } | null;
}

export interface ProbeOptions {
  readonly context?: BackendContext;
  /** Milliseconds since an arbitrary start, monotonic. */
  readonly now?: () => number;
  /** Backends that are not to be tried in this process, by name, and why: a native part that crashes, say. */
  readonly known?: Readonly<Record<string, Pick<BackendProbe, 'reason' | 'todo'>>>;
}

// Small enough for plain JavaScript to answer at once, large enough to tell the backends apart.
const SIZE = 256;
const REPETITIONS = 3;

async function timeProduct(now: () => number): Promise<NonNullable<BackendProbe['product']>> {
  const operands = [0, 1].map((phase) =>
    tf.tensor2d(
      Float32Array.from({ length: SIZE * SIZE }, (_, i) => Math.sin(i + phase)),
      [SIZE, SIZE],
    ),
  );
  let milliseconds = Infinity;
  for (let i = 0; i <= REPETITIONS; i += 1) {
    const start = now();
    const product = tf.matMul(operands[0]!, operands[1]!);
    await product.data();
    const elapsed = now() - start;
    product.dispose();
    if (i > 0) milliseconds = Math.min(milliseconds, elapsed); // the first one compiles and allocates
  }
  tf.dispose(operands);
  return { size: SIZE, milliseconds, gflops: (2 * SIZE ** 3) / (milliseconds * 1e6) };
}

/**
 * Tries all backends of the source, in the order of `auto` and then as they come. The backend that tfjs used before
 * is the current one again afterwards.
 */
export async function probeBackends(
  source?: BackendSource,
  { context = {}, now = () => performance.now(), known = {} }: ProbeOptions = {},
): Promise<readonly BackendProbe[]> {
  const entries = entriesOf(source);
  const order = AUTOMATIC_ORDER.filter((name) => entries.has(name));
  const names = [...order, ...[...entries.keys()].filter((name) => !order.includes(name))];
  const before = tf.getBackend();
  const probes: BackendProbe[] = [];
  for (const name of names) {
    const entry = entries.get(name)!;
    const answer = known[name];
    if (answer) {
      const { summary } = entry.meta;
      probes.push({ name, summary, available: false, version: null, product: null, ...answer });
      continue;
    }
    const trial = await tryBackend(name, entry, {}, context);
    probes.push(await report(name, entry, trial, now));
  }
  if (before !== undefined) await tf.setBackend(before);
  return probes;
}

async function report(
  name: string,
  { meta }: AnyEntry<'backends'>,
  trial: Trial,
  now: () => number,
): Promise<BackendProbe> {
  const shared = { name, summary: meta.summary };
  if (!trial.works) {
    const { reason, todo } = trial;
    return { ...shared, available: false, reason, version: null, todo, product: null };
  }
  const { detail, version } = trial;
  return { ...shared, available: true, reason: detail, version, todo: null, product: await timeProduct(now) };
}

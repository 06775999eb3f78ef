import type { Backend, BackendDescription, Plugin } from '@ligature/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';
import { assertFunctions } from '../entry/entry-rules.js';
import { broken, Finding, NotApplicable, notApplicable } from '../harness/finding.js';
import { show, showError } from '../harness/show.js';
import { subjectOf, type CheckOptions, type Subject } from '../harness/subject.js';

export interface CheckBackendOptions extends CheckOptions {
  /** Threads that the backend is told to use. */
  readonly threads?: number;
  /** `true`: a machine that cannot run the backend is no fault; what cannot be checked is then not applicable. */
  readonly mayBeUnavailable?: boolean;
}

export interface BackendSubject extends Subject<'backends'> {
  make(): Promise<Backend>;
  /**
   * @throws Finding (of `prepares`) when it cannot run here
   * @throws NotApplicable when it cannot and need not
   */
  prepare(backend: Backend): Promise<BackendDescription>;
  /** Runs a check on the backend; afterwards tfjs has the backend that it had before. */
  onBackend<T>(check: (backend: Backend) => Promise<T>): Promise<T>;
}

export function backendSubject(
  plugin: Plugin,
  name: string,
  options: CheckBackendOptions = {},
): BackendSubject {
  const subject = subjectOf('backends', plugin, name, options);
  const { threads, mayBeUnavailable = false } = options;

  const make: BackendSubject['make'] = async () => {
    const backend = await subject.create(threads === undefined ? {} : { threads });
    assertFunctions(backend, 'backend', ['prepare']);
    if (typeof backend.tfjsName !== 'string' || backend.tfjsName === '') {
      throw new Finding(`its tfjsName is ${show(backend.tfjsName)}`, 'creates');
    }
    return backend;
  };

  const prepare: BackendSubject['prepare'] = async (backend) => {
    try {
      return await subject.calls.wait('prepare', () => backend.prepare(), 'prepares');
    } catch (error) {
      const cause = error instanceof Finding ? error.cause : undefined;
      // An answer that never comes is no reason that anybody could read.
      if (!mayBeUnavailable || cause === undefined) throw error;
      if (!(cause instanceof Error) || cause.message.trim() === '') {
        throw new Finding(`prepare was rejected with ${show(cause)}, which says nothing`, 'prepares');
      }
      return notApplicable(`this machine cannot run it: ${showError(cause)}`);
    }
  };

  const onBackend: BackendSubject['onBackend'] = async (check) => {
    const before = tf.getBackend();
    const backend = await make();
    try {
      await prepare(backend);
      const { tfjsName } = backend;
      const works = await tf.setBackend(tfjsName).catch(() => false);
      if (!works) throw new Finding(`after prepare, tf.setBackend("${tfjsName}") fails`, 'prepares');
      return await check(backend);
    } catch (error) {
      // What tfjs throws while the check computes comes from the backend.
      if (error instanceof Finding || error instanceof NotApplicable) throw error;
      return broken(`computing with it threw ${showError(error)}`);
    } finally {
      if (before && before !== tf.getBackend()) await tf.setBackend(before);
    }
  };

  return { ...subject, make, prepare, onBackend };
}

/** A computation with a known result. */
export interface Known {
  readonly name: string;
  compute(): Tensor;
  readonly expected: readonly number[];
  /** `[2, 3] float32` */
  readonly form: string;
  /** Largest difference; 1e-5 of the largest value if left out. */
  readonly tolerance?: number;
}

/** @throws Finding naming the computation whose result is another */
export async function assertKnown({ name, compute, expected, form, tolerance }: Known): Promise<void> {
  let result: Tensor;
  try {
    result = tf.tidy(compute);
  } catch (error) {
    return broken(`${name} threw ${showError(error)}`);
  }
  try {
    const values = Array.from(await result.data());
    const found = `[${result.shape.join(', ')}] ${result.dtype}`;
    if (found !== form) broken(`${name} is ${found}, and not ${form}`);
    const scale = Math.max(1, ...expected.map(Math.abs).filter(Number.isFinite));
    const limit = tolerance ?? 1e-5 * scale;
    const wrong = expected.findIndex((value, at) => !close(values[at]!, value, limit));
    if (wrong >= 0 || values.length !== expected.length) {
      broken(`${name} is ${show(values)}, and not ${show(expected)}`);
    }
  } catch (error) {
    if (error instanceof Finding) throw error;
    broken(`reading ${name} threw ${showError(error)}`);
  } finally {
    result.dispose();
  }
}

const close = (found: number, expected: number, limit: number): boolean =>
  Object.is(found, expected) || Math.abs(found - expected) <= limit;

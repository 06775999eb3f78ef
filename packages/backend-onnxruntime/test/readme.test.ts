/** The README's tables of kernels against what is registered. */
import '@tensorflow/tfjs-backend-cpu';
import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import '../src/index.js';
import { loweredKernels } from '../src/kernels/index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

/** Names in the table under a heading, sorted. */
function listed(heading: string): string[] {
  const [, table = ''] = readme.split(`| ${heading}`);
  const rows = table.split('\n\n', 1)[0]!;
  return [...rows.matchAll(/`(?<name>\w+)`/g)].map(({ groups }) => groups!['name']!).sort();
}

const lowered = loweredKernels.map(({ name }) => name).sort();
const everything = tf.getKernelsForBackend('cpu').map(({ kernelName }) => kernelName);

describe('README', () => {
  it('lists the kernels that are lowered', () => {
    expect(listed('lowered to ONNX')).toEqual(lowered);
  });

  it('lists the kernels that run on the CPU kernels', () => {
    expect(listed("on tfjs's CPU kernels")).toEqual(
      everything.filter((name) => !lowered.includes(name)).sort(),
    );
  });

  it('promises every kernel that tfjs has', () => {
    const here = new Set(tf.getKernelsForBackend('onnxruntime').map(({ kernelName }) => kernelName));
    expect(everything.filter((name) => !here.has(name))).toEqual([]);
  });
});

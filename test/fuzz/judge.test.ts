/** The fuzzer itself: each rule catches a reader that breaks it, and lets one pass that does not. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { InputError } from '@ligature/core';
import { afterEach, describe, expect, it } from 'vitest';
import { CODE_MARK } from '../../tools/fuzz/judge.js';
import { runTarget } from '../../tools/fuzz/run-target.js';
import { defineTarget, type Box } from '../../tools/fuzz/target.js';
import { MARK } from '../../tools/fuzz/watch/prototypes.js';

type Read = (input: number, box: Box) => unknown;

const verdict = async (read: Read, writes?: string) => {
  const target = defineTarget<number>({
    name: 'trial',
    reads: 'a number',
    input: fc.nat(9),
    prepare: (input, box) => () => read(input, box),
    ...(writes !== undefined && { writes }),
  });
  const limits = { seconds: 0.2, megabytes: 100 };
  return (await runTarget(target, { cases: 20, seed: 1, limits })).failure?.message;
};

const refusal = (found = 'x') => new InputError('code', { asked: 'Read', found, todo: 'Mend it' });

/** By the processor's time: however busy the machine is, this reader uses that much. */
function busy(milliseconds: number): void {
  const start = process.cpuUsage();
  while (process.cpuUsage(start).user < 1000 * milliseconds);
}

/** Bytes that are really there: untouched pages would not count. */
const held = (megabytes: number): Uint8Array => new Uint8Array(megabytes * 2 ** 20).fill(1);

describe('a reader is let pass', () => {
  it.each<[string, Read]>([
    ['that reads', (input) => ({ input, list: [new Map([['a', Float32Array.of(1)]])] })],
    ['that refuses', () => Promise.reject(refusal())],
    ['that reads files', (_input, { outside }) => readFileSync(join(outside, 'secret.txt')).length],
  ])('%s', async (_what, read) => expect(await verdict(read)).toBeUndefined());

  it('that writes where it may', async () => {
    const write: Read = (_input, { folder }) => mkdirSync(join(folder, 'own', 'deep'), { recursive: true });
    expect(await verdict(write, 'own')).toBeUndefined();
    expect(await verdict(write, 'other')).toMatch(/tried to mkdirSync .*own/);
  });
});

describe('a reader is caught', () => {
  afterEach(() => void Reflect.deleteProperty(Object.prototype, MARK));

  it.each<[string, Read, RegExp]>([
    ['with an untyped error', () => (undefined as never as string[]).length, /no typed error, but TypeError/],
    ['with an error that is none', () => Promise.reject('text'), /no typed error, but text/],
    ['with an incomplete error', () => Promise.reject(refusal('')), /incomplete/],
    [
      'when it writes a file',
      (_i, { folder }) => writeFileSync(join(folder, 'x'), ''),
      /tried to writeFileSync/,
    ],
    ['when it starts a process', () => execFileSync('true'), /tried to execFileSync true/],
    ['when it runs code', () => void Reflect.set(globalThis, CODE_MARK, true), /ran code/],
    [
      'when it changes all objects',
      () => void Reflect.set(Object.prototype, MARK, true),
      /prototype that all/,
    ],
    [
      'when a key becomes a prototype',
      () => ({ deep: [Object.assign({}, { a: Object.setPrototypeOf({}, { [MARK]: true }) as object })] }),
      /became the prototype/,
    ],
    [
      'when it follows a link out',
      (_i, { outside }) => readFileSync(join(outside, 'secret.txt'), 'utf8'),
      /outside of the folder/,
    ],
    ['when it is slow', () => busy(300), /it took \d+\.\d s/],
    ['when it takes memory', () => held(300).length, /MiB of memory/],
  ])('%s', async (_what, read, message) => expect(await verdict(read)).toMatch(message));

  it('when it writes through a link that was there', async () => {
    const target = defineTarget<number>({
      name: 'trial',
      reads: 'a folder with a link',
      input: fc.nat(9),
      prepare(_input, { folder, outside }) {
        symlinkSync(join(outside, 'secret.txt'), join(folder, 'log'));
        return () => writeFileSync(join(folder, 'log'), 'overwritten');
      },
      writes: '.',
    });
    const { failure } = await runTarget(target, { cases: 1, seed: 1 });
    expect(failure?.message).toMatch(/wrote into a file outside/);
  });

  it('in one case of many, and the case is made smaller and can be run again', async () => {
    const target = defineTarget<readonly number[]>({
      name: 'trial',
      reads: 'numbers',
      input: fc.array(fc.nat(1000)),
      prepare: (input) => () => {
        if (input.some((one) => one > 500)) throw new TypeError('too large');
      },
    });
    const first = (await runTarget(target, { cases: 500, seed: 3 })).failure;
    expect(first?.input).toBe('[ 501 ]');
    const again = await runTarget(target, { cases: 500, seed: 3, path: first?.path ?? '' });
    expect(again.failure?.input).toBe('[ 501 ]');
  });
});

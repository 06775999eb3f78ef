import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packStudy, unpackStudy } from '../archive.js';

const config = {
  seed: 1,
  controller: { name: 'none', options: {} },
  training: { steps: 400, freeze: [] as string[] },
  model: { name: 'gpt2', options: { layers: 8 } },
};
const result = (seed: number, losses = 2, change: object = {}) => ({
  outcome: 'completed',
  seed,
  test: { nats: 5 + seed / 3 },
  losses: Array.from({ length: losses }, (_, step) => ({ step: step + 1, loss: 6 })),
  tieMaps: [{ step: 0, window: 0, tieMap: [0, 1] }],
  folder: '/somewhere',
  config: { ...config, seed, ...change },
});

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'ligature-archive-'))));
afterEach(() => rmSync(root, { recursive: true }));

function study(name: string, trials: Readonly<Record<string, object>>): string {
  const folder = join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'plan.json'), JSON.stringify({ format: 2, study: 'comparison', config }));
  for (const [id, content] of Object.entries(trials)) {
    mkdirSync(join(folder, id));
    writeFileSync(join(folder, id, 'result.json'), JSON.stringify(content));
  }
  return folder;
}
const resultOf = (folder: string, id: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, id, 'result.json'), 'utf8')) as Record<string, unknown>;

describe('the archive of a study', () => {
  it('gives back plan, measurements and configurations as they were', () => {
    const other = {
      controller: { name: 'cycle', options: { blocks: 4 } },
      training: { steps: 9, freeze: ['a'] },
    };
    const folder = study('from', { 'none-seed-1': result(1), 'cycle-seed-2': result(2, 2, other) });
    const into = join(root, 'into');
    expect(unpackStudy(packStudy(folder), into)).toEqual(['cycle-seed-2', 'none-seed-1']);
    expect(readFileSync(join(into, 'plan.json'), 'utf8')).toContain('"study": "comparison"');
    expect(resultOf(into, 'cycle-seed-2')).toEqual({ ...result(2, 2, other), folder: '' });
    expect(resultOf(into, 'none-seed-1')).toEqual({ ...result(1), folder: '' });
  });

  it('writes down of a configuration only what the plan does not say', () => {
    const packed = packStudy(study('from', { 'none-seed-3': result(3) }));
    const line = JSON.parse(packed.split('\n')[1] as string) as { result: { config: object } };
    expect(line.result.config).toEqual({ seed: 3 });
  });

  it('thins curves, keeps their ends, and says how much', () => {
    const packed = packStudy(study('from', { 'none-seed-1': result(1, 1000) }));
    const line = JSON.parse(packed.split('\n')[1] as string) as {
      thinned: object;
      result: { losses: { step: number }[] };
    };
    expect(line.thinned).toEqual({ losses: 10, tieMaps: 1 });
    expect(line.result.losses.map(({ step }) => step).slice(0, 3)).toEqual([1, 11, 21]);
    expect(line.result.losses.at(-1)?.step).toBe(1000);
  });

  it('writes paths from the folder that one works in, and reads them where one works then', () => {
    const data = (where: string): object => ({
      dataset: { name: join(root, where, 'wikitext'), options: {} },
    });
    const packed = packStudy(
      study('from', { 'none-seed-1': result(1, 2, data('here')) }),
      undefined,
      join(root, 'here'),
    );
    expect(packed).toContain('"name":"./wikitext"');
    expect(packed).not.toContain(root);
    const into = join(root, 'into');
    unpackStudy(packed, into, join(root, 'there'));
    expect(resultOf(into, 'none-seed-1')).toEqual({ ...result(1, 2, data('there')), folder: '' });
  });

  it('leaves out trials that were stopped', () => {
    const packed = packStudy(study('from', { 'none-seed-1': { ...result(1), outcome: 'stopped' } }));
    expect(packed.trimEnd().split('\n')).toHaveLength(1);
  });

  it('keeps the trials of an earlier archive that the folder does not hold', () => {
    const first = packStudy(study('one', { 'none-seed-1': result(1) }));
    const both = packStudy(study('two', { 'none-seed-2': result(2) }), first);
    const into = join(root, 'into');
    expect(unpackStudy(both, into)).toEqual(['none-seed-1', 'none-seed-2']);
    expect(resultOf(into, 'none-seed-1')['test']).toEqual({ nats: 5 + 1 / 3 });
  });

  it('is the same again when it is packed out of what it was unpacked into', () => {
    const first = packStudy(study('one', { 'none-seed-1': result(1, 1000) }));
    const into = join(root, 'into');
    unpackStudy(first, into);
    expect(packStudy(into, first)).toBe(first);
  });

  it('does not touch trials that lie in the folder', () => {
    const archive = packStudy(study('one', { 'none-seed-1': result(1) }));
    const folder = study('two', { 'none-seed-1': { ...result(1), test: { nats: 4 } } });
    expect(unpackStudy(archive, folder)).toEqual([]);
    expect(resultOf(folder, 'none-seed-1')['test']).toEqual({ nats: 4 });
  });

  it('refuses names that lead out of the folder', () => {
    const archive = packStudy(study('one', { 'none-seed-1': result(1) }));
    const hostile = archive.replace('none-seed-1', '../outside');
    expect(() => unpackStudy(hostile, join(root, 'into'))).toThrow();
    expect(existsSync(join(root, 'outside'))).toBe(false);
  });
});

/** The check itself: it passes on good files, and it can fail. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AUTOMATIC_ORDER } from '@ligature/backends';
import { InputError } from '@ligature/core';
import { decodeSafetensors, encodeSafetensors } from '@ligature/weight-sharing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Deviations, EXACT, reportLine } from './deviation.js';
import { readReferenceFiles } from './reference-files.js';

const golden = fileURLToPath(new URL('./golden', import.meta.url));
const odd = fileURLToPath(new URL('./reference-odd', import.meta.url));
const hf = fileURLToPath(new URL('./hf', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ligature-parity-'));
  cpSync(golden, folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true }));

interface Run {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function parity(...args: string[]): Promise<Run> {
  const program = ['--conditions=@ligature/source', '--import', 'tsx', 'tools/parity/main.ts', ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, program, { cwd: root }, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

function edit(file: string, change: (json: Record<string, unknown>) => void): void {
  const path = join(folder, file);
  const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  change(json);
  writeFileSync(path, JSON.stringify(json));
}

describe('parity', () => {
  it('prints one ok line per scenario of the reference files', async () => {
    const { status, stdout, stderr } = await parity(golden, '--backend', 'cpu');
    expect(stderr).toBe('');
    expect(stdout.match(/\bok$/gm)).toHaveLength(9);
    expect(stdout).toContain('8 of 8 scenarios ok');
    expect(status).toBe(0);
  }, 180_000);

  it('takes every backend that works here, and says which were skipped and why', async () => {
    const { status, stdout } = await parity(odd);
    const said = [...stdout.matchAll(/^backend (\S+) (skipped: .+|.+\(.+\))$/gm)].map(([, name]) => name);
    expect(said).toEqual([...AUTOMATIC_ORDER]);
    const ran = said.length - (stdout.match(/ skipped: .*\S/g) ?? []).length;
    expect(ran).toBeGreaterThanOrEqual(2); // cpu and wasm, anywhere
    expect(stdout.match(/^4 of 4 scenarios ok$/gm)).toHaveLength(ran);
    expect(status).toBe(0);
  }, 180_000);

  it('fails where a reference differs: a loss, a Q-value, a number of storages', async () => {
    edit('gpt2-tiny.json', (json) => {
      const scenarios = json['scenarios'] as { steps: { loss: number }[] }[];
      json['scenarios'] = scenarios.slice(0, 1);
      (scenarios[0]?.steps[3] as { loss: number }).loss += 1e-3;
    });
    edit('official-4-layers.json', (json) => {
      const windows = json['windows'] as { distinct_storages: number; q_target: number }[];
      json['windows'] = windows.slice(0, 2);
      (windows[1] as { distinct_storages: number }).distinct_storages += 1;
      (windows[0] as { q_target: number }).q_target += 2e-3;
    });
    const { status, stdout } = await parity(folder, '--backend', 'cpu');
    expect(stdout).toMatch(/gpt2-tiny\/untied .*FAIL \(losses at step 4/);
    expect(stdout).toMatch(/official-4-layers .*FAIL/);
    expect(stdout).toContain('0 of 2 scenarios ok');
    expect(status).toBe(1);
  });

  it('fails on one entry of a gradient and on one reward', async () => {
    const copy = join(folder, 'perturbed');
    cpSync(odd, copy, { recursive: true });
    const path = join(copy, 'gpt2-odd.expected.safetensors');
    const file = decodeSafetensors(readFileSync(path));
    const gradient = file.tensors.get('chain, owner, gelu/grad.transformer.h.0.mlp.c_fc.weight')!;
    (gradient.data as Float32Array)[17]! += 5e-3;
    writeFileSync(path, encodeSafetensors(file));
    edit('perturbed/official-odd.json', (json) => {
      (json['windows'] as { reward: number }[])[3]!.reward += 0.01;
    });
    const { status, stdout } = await parity(copy, '--backend', 'cpu');
    expect(stdout).toMatch(/chain, owner, gelu .*FAIL \(gradients at transformer\.h\.0\.mlp\.c_fc\.weight/);
    expect(stdout).toMatch(/official-odd .*FAIL \(rewards at window 3/);
    expect(stdout).toContain('2 of 4 scenarios ok');
    expect(status).toBe(1);
  });

  it('refuses a backend that is asked for and cannot run', async () => {
    const { status, stdout, stderr } = await parity(odd, '--backend', 'onnxrunTime');
    expect(stderr).toContain('Did you mean "onnxruntime"?');
    expect([status, stdout]).toEqual([2, '']);
  });

  it('ends with status 2 when there is nothing to check', async () => {
    const { status, stderr } = await parity(join(folder, 'nowhere'));
    expect({ status, said: stderr.includes('there is no such folder') }).toEqual({ status: 2, said: true });
  });
});

describe('cases of Hugging Face models', () => {
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'ligature-parity-'));
    cpSync(join(hf, 'gpt2-causal-lm'), join(copy, 'one'), { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true }));
  const editCase = (file: string, change: (json: CaseJson) => unknown): void => {
    const path = join(copy, 'one', file);
    const json = JSON.parse(readFileSync(path, 'utf8')) as CaseJson;
    change(json);
    writeFileSync(path, JSON.stringify(json));
  };

  it('are checked one line for each tie map, a folder of cases or one case', async () => {
    const cases = readdirSync(hf).length;
    const all = await parity(hf, '--backend', 'cpu');
    expect(all.stderr).toBe('');
    expect(all.stdout.match(/^\S+\/(untied|mixed|all-tied) .*\bok$/gm)).toHaveLength(3 * cases);
    expect(all.stdout).toContain(`${3 * cases} of ${3 * cases} scenarios ok`);
    expect(all.status).toBe(0);
    const one = await parity(join(hf, 'gpt2-causal-lm'), '--backend', 'cpu');
    expect(one.stdout).toContain('3 of 3 scenarios ok');
    expect(one.status).toBe(0);
  }, 180_000);

  it('fail where a loss or one entry of a gradient differs', async () => {
    editCase('reference.json', ({ losses }) => (losses['mixed']![4]! += 1e-3));
    const path = join(copy, 'one', 'reference.safetensors');
    const file = decodeSafetensors(readFileSync(path));
    const name = 'transformer.h.0.mlp.c_fc.weight';
    (file.tensors.get(`grad.all-tied.${name}`)!.data as Float32Array)[17]! += 5e-3;
    // 64-bit integers are read and not written.
    const tensors = [...file.tensors].map(
      ([key, { shape, data }]) =>
        [key, { shape, data: data instanceof Float64Array ? Int32Array.from(data) : data }] as const,
    );
    writeFileSync(path, encodeSafetensors({ tensors: new Map(tensors), metadata: {} }));
    const { status, stdout } = await parity(copy, '--backend', 'cpu');
    expect(stdout).toMatch(/one\/mixed .*FAIL \(losses at step 5/);
    expect(stdout).toMatch(/one\/all-tied .*FAIL \(gradients at transformer\.h\.0\.mlp\.c_fc\.weight/);
    expect(stdout).toContain('1 of 3 scenarios ok');
    expect(status).toBe(1);
  });

  it('fail, and are not left out, where they cannot be run', async () => {
    const damaged: Record<string, (folder: string) => void> = {
      'no-weights': (folder) => rmSync(join(folder, 'model.safetensors')),
      'no-head': (folder) =>
        rewrite(folder, 'reference.json', /GPT2LMHeadModel/, 'GPT2ForTokenClassification'),
      'no-model': (folder) => rewrite(folder, 'config.json', /"gpt2"/, '"xlnet"'),
      'other-depth': (folder) => rewrite(folder, 'config.json', /"n_layer": 4/, '"n_layer": 5'),
      'other-option': (folder) => rewrite(folder, 'config.json', /"gelu_new"/, '"relu"'),
    };
    for (const [name, damage] of Object.entries(damaged)) {
      cpSync(join(copy, 'one'), join(copy, name), { recursive: true });
      damage(join(copy, name));
    }
    const { status, stdout } = await parity(copy, '--backend', 'cpu');
    expect(stdout).toMatch(/^no-weights .*FAIL \(.*model\.safetensors.*it is missing/m);
    expect(stdout).toMatch(/^no-head\/mixed .*FAIL \(.*"GPT2ForTokenClassification"/m);
    expect(stdout).toMatch(/^no-model\/mixed .*FAIL \(.*"xlnet"/m);
    expect(stdout).toMatch(/^other-depth\/mixed .*FAIL \(.*it has 4 entries/m);
    expect(stdout).toMatch(/^other-option\/mixed .*FAIL \(config\.json: activation_function/m);
    expect(stdout).toMatch(/^one\/mixed .*ok$/m);
    expect(stdout).toContain('3 of 16 scenarios ok');
    expect(status).toBe(1);
  });
});

function rewrite(folder: string, file: string, what: RegExp, by: string): void {
  const path = join(folder, file);
  writeFileSync(path, readFileSync(path, 'utf8').replace(what, by));
}

interface CaseJson {
  readonly losses: Record<string, number[]>;
}

describe('reference files', () => {
  /** A copy of the odd ones that a test may damage. */
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'ligature-parity-'));
    cpSync(odd, copy, { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  it.each<[string, string, (json: ModelJson & OfficialJson) => unknown]>([
    ['has the token 61 of a vocabulary of 61', 'gpt2-odd', ({ batches }) => (row(batches)[2] = 61)],
    ['has rows of 10 and of 9 tokens', 'gpt2-odd', ({ batches }) => row(batches).pop()],
    ['13 positions and a label are the most', 'gpt2-odd', ({ batches }) => batches.push([Array(15).fill(1)])],
    ['lets layer 1 use a later one', 'gpt2-odd', ({ scenarios }) => (scenarios[0]!.tie_map[1] = 2)],
    ['has 4 entries for 5 layers', 'gpt2-odd', ({ scenarios }) => scenarios[0]!.tie_map.pop()],
    ['optimizer.betas.0', 'gpt2-odd', ({ optimizer }) => (optimizer.betas[0] = 1.5)],
    ['only 0 can be compared', 'official-odd', ({ config }) => (config['dropout'] = 0.1)],
    ['windows[1].layer is 1 and should be 2', 'official-odd', ({ windows }) => (windows[1]!.layer = 1)],
    ['layer 1 has actions 0 to 1', 'official-odd', ({ windows }) => (windows[0]!.action = 2)],
    [
      'windows[0].train.length is 2 and should be 3',
      'official-odd',
      ({ windows }) => windows[0]!.train.pop(),
    ],
    ['3 layers need [3, hidden, 6]', 'official-odd', ({ q_network: q }) => (q.layers[2] = 5)],
    ['should have [3, 64]', 'official-odd', ({ q_network: q }) => (q.layers[1] = 64)],
    ['q_network.optimizer', 'official-odd', ({ q_network: q }) => (q.optimizer = 'SGD')],
  ])('are refused: %s', (found, file, change) => {
    const path = join(copy, `${file}.json`);
    const json = JSON.parse(readFileSync(path, 'utf8')) as ModelJson & OfficialJson;
    change(json);
    writeFileSync(path, JSON.stringify(json));
    expect(() => readReferenceFiles(copy)).toThrow(found);
    expect(() => readReferenceFiles(copy)).toThrow(InputError);
  });

  it('are refused by name when a safetensors file is cut short', () => {
    const path = join(copy, 'gpt2-odd.expected.safetensors');
    writeFileSync(path, readFileSync(path).subarray(0, -4));
    expect(() => readReferenceFiles(copy)).toThrow(/gpt2-odd\.expected\.safetensors/);
  });

  it('may hold the tied head under its own name, but no other head', () => {
    const path = join(copy, 'gpt2-odd.safetensors');
    const { tensors } = decodeSafetensors(readFileSync(path));
    const head = tensors.get('transformer.wte.weight')!;
    const write = (data: Float32Array): void => {
      const all = new Map([...tensors, ['lm_head.weight', { shape: head.shape, data }] as const]);
      writeFileSync(path, encodeSafetensors({ tensors: all, metadata: {} }));
    };
    write(head.data as Float32Array);
    expect(readReferenceFiles(copy)[0]?.weights.has('lm_head.weight')).toBe(false);
    write(Float32Array.from(head.data, (value, index) => value + (index === 7 ? 1e-3 : 0)));
    expect(() => readReferenceFiles(copy)).toThrow('the head is to be tied');
  });
});

interface ModelJson {
  readonly config: Record<string, unknown>;
  readonly batches: number[][][];
  readonly optimizer: { readonly betas: number[] };
  readonly scenarios: { readonly tie_map: number[] }[];
}

interface OfficialJson {
  readonly q_network: { readonly layers: number[]; optimizer: string };
  readonly windows: { layer: number; action: number; readonly train: number[][][] }[];
}

const row = (batches: number[][][]): number[] => batches[0]![1]!;

describe('deviations', () => {
  const tolerance = { absolute: 0.1, relative: 0.01 };

  it('allows an absolute and a relative part', () => {
    const within = new Deviations();
    within.add('x', 'here', [10.19], [10], tolerance);
    expect(within.ok).toBe(true);
    const beyond = new Deviations();
    beyond.add('x', 'here', [10.21], [10], tolerance);
    expect(beyond.ok).toBe(false);
    expect(reportLine('name', beyond)).toMatch(/FAIL \(x at here: 1\.05 times the tolerance\)$/);
  });

  it.each([
    ['NaN', [Number.NaN], [1]],
    ['a missing value', [], [1]],
    ['a value too many', [1, 1], [1]],
  ])('never passes %s', (_name, computed, reference) => {
    const deviations = new Deviations();
    deviations.add('x', 'here', [1], [1], tolerance);
    deviations.add('x', 'there', computed, reference, tolerance);
    expect(deviations.ok).toBe(false);
  });

  it('never passes when nothing was compared', () => {
    expect(new Deviations().ok).toBe(false);
    const exact = new Deviations();
    exact.add('counts', 'here', [3], [4], EXACT);
    expect(exact.ok).toBe(false);
  });
});

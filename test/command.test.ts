/** The built command, from flags and files to runs on disk. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ligature, makeFolder, start, TINY } from './support.js';

let folder: string;
let remove: () => void;
beforeAll(() => ({ folder, remove } = makeFolder()));
afterAll(() => remove());

interface Printed {
  folder: string;
  controller: string;
  tieMap: number[];
  test: Record<string, number>;
  ledger: { independentLayers: number };
}

const readLines = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

describe('ligature', () => {
  it('prints its help and its version', async () => {
    const help = await ligature(['--help'], folder);
    expect(help.status).toBe(0);
    for (const name of ['train', 'compare', 'evaluate', 'generate', 'plugins', 'doctor']) {
      expect(help.stdout).toContain(name);
    }
    // Help fits a terminal of 80 columns.
    expect(Math.max(...help.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
    expect((await ligature(['--version'], folder)).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('trains, evaluates and writes text', async () => {
    // The whole splits, as `evaluate` measures them.
    const whole = ['--set', 'evaluation.final.batches=all'];
    const trained = await ligature(
      ['train', ...TINY, ...whole, '--controller', 'q-learning', '--json'],
      folder,
    );
    expect(trained.stderr).not.toMatch(/Error/);
    expect(trained.status).toBe(0);
    const result = JSON.parse(trained.stdout) as Printed;
    expect(result.controller).toBe('q-learning');
    const run = join(folder, result.folder);
    expect(readdirSync(run).sort()).toEqual(
      expect.arrayContaining(['checkpoints', 'config.json', 'events.jsonl', 'manifest.json', 'result.json']),
    );
    expect(JSON.parse(readFileSync(join(run, 'result.json'), 'utf8'))).toEqual(result);

    const evaluated = await ligature(['evaluate', result.folder, '--split', 'test', '--json'], folder);
    const { metrics } = JSON.parse(evaluated.stdout) as { metrics: Record<string, number> };
    expect(metrics['nats']).toBeCloseTo(result.test['nats'] as number, 5);

    const write = ['generate', result.folder, '--prompt', 'Chapter', '--tokens', '20', '--seed', '3'];
    const [first, again] = await Promise.all([ligature(write, folder), ligature(write, folder)]);
    expect(first.status).toBe(0);
    expect(first.stdout.length).toBeGreaterThan(10);
    expect(again.stdout).toBe(first.stdout);
    const cold = await ligature([...write, '--temperature', '0', '--top-k', '1', '--top-p', '0.5'], folder);
    expect(cold.status).toBe(0);
    const wrong = await ligature([...write, '--top-p', '1.5'], folder);
    expect(wrong).toMatchObject({ status: 2, stdout: '' });
  });

  it('gives the same events for the same seed, timings aside', async () => {
    const logs = await Promise.all(
      ['a', 'b'].map(async (name) => {
        await ligature(
          ['train', ...TINY, '--controller', 'q-learning', '--seed', '9', '--name', name],
          folder,
        );
        return readLines(join(folder, 'runs', name, 'events.jsonl')).map((line) =>
          line.replace(/"durationMs":[0-9.e+-]+/g, '"durationMs":0'),
        );
      }),
    );
    expect(logs[0]?.length).toBeGreaterThan(15);
    expect(logs[1]).toEqual(logs[0]);
  });

  it('compares controllers and writes the table as Markdown, CSV and JSON', async () => {
    const args = [
      'compare',
      ...TINY,
      '--controllers',
      'none,all-tied,0-0-2',
      '--seeds',
      '2',
      '--json',
      '--name',
      'c',
    ];
    const { status, stdout } = await ligature(args, folder);
    expect(status).toBe(0);
    const comparison = JSON.parse(stdout) as {
      rows: { controller: string; seeds: number[]; reduction: { mean: number } }[];
      verdict: string;
    };
    expect(comparison.rows.map(({ controller, seeds }) => [controller.slice(0, 8), seeds])).toEqual([
      ['none', [1, 2]],
      ['all-tied', [1, 2]],
      ['0-0-2', [1, 2]],
    ]);
    const reductions = comparison.rows.map(({ reduction }) => reduction.mean);
    expect(reductions[0]).toBe(0);
    expect(reductions[1]).toBeGreaterThan(reductions[2] as number);
    const written = join(folder, 'runs', 'c');
    expect(readLines(join(written, 'comparison.csv'))).toHaveLength(1 + 6);
    const markdown = readFileSync(join(written, 'comparison.md'), 'utf8');
    for (const text of ['none', 'all-tied', 'bits/byte', comparison.verdict])
      expect(markdown).toContain(text);
    expect(readdirSync(join(written, 'tie-maps'))).toHaveLength(6);
  });

  it('lets flags win over a file and the file over defaults, in three formats', async () => {
    const fields = { model: { layers: 5, width: 48 }, training: { steps: 7 }, seed: 4 };
    writeFileSync(join(folder, 'c.json'), JSON.stringify(fields));
    writeFileSync(
      join(folder, 'c.yaml'),
      'model: { layers: 5, width: 48 }\ntraining: { steps: 7 }\nseed: 4\n',
    );
    writeFileSync(
      join(folder, 'c.ts'),
      'const steps: number = 7;\nexport default { model: { layers: 5, width: 48 }, training: { steps }, seed: 4 };\n',
    );
    for (const file of ['c.json', 'c.yaml', 'c.ts']) {
      const flags = ['--config', file, '--layers', '6', '--set', 'training.clip=0.5', '--print-config'];
      const { status, stdout, stderr } = await ligature(['train', ...flags], folder);
      expect({ file, status, stderr }).toEqual({ file, status: 0, stderr: '' });
      expect(parse(stdout)).toMatchObject({
        model: { name: 'gpt2', options: { layers: 6, width: 48, heads: 4 } },
        training: { steps: 7, clip: 0.5 },
        seed: 4,
      });
    }
  });

  it('trains with the official profile and shows the truth beside the action log', async () => {
    const flags = ['--set', 'tying.profile=official', '--set', 'tokenizer.options.bos=true'];
    const args = [
      'train',
      ...TINY,
      ...flags,
      '--set',
      'tokenizer.options.eos=true',
      '--controller',
      'q-learning',
    ];
    const { status, stderr } = await ligature([...args, '--name', 'official'], folder);
    expect(stderr).not.toContain('failed');
    expect(status).toBe(0);
    const events = readLines(join(folder, 'runs', 'official', 'events.jsonl')).map(
      (line) =>
        JSON.parse(line) as {
          type: string;
          state?: number[];
          ledger?: { distinctStorages: Record<string, number> };
        },
    );
    const started = events.find(({ type }) => type === 'run.started');
    // The official start: three distinct storages although the state vector says that all are tied.
    expect(started?.ledger?.distinctStorages['attention']).toBe(3);
    const applied = events.filter(({ type }) => type === 'tying.applied');
    const storages = applied.map(({ ledger }) => ledger?.distinctStorages['attention'] as number);
    // Untying gives nothing back, so the number of storages never rises.
    expect(storages).toEqual([...storages].sort((a, b) => b - a));
  });

  it('lists plug-ins and the options of one', async () => {
    const list = await ligature(['plugins'], folder);
    for (const name of [
      'q-learning',
      'cycle',
      'moby-dick',
      'bpe',
      'gpt2',
      'causal-lm',
      'sgd',
      'lora',
      'wasm',
    ]) {
      expect(list.stdout).toContain(name);
    }
    const one = await ligature(['plugins', 'q-learning'], folder);
    expect(one.stdout).toContain('epsilon');
    expect(one.stdout).toContain('2401.12819');
    const json = JSON.parse((await ligature(['plugins', '--json'], folder)).stdout) as unknown;
    expect(json).toBeTruthy();
  });

  it('says which backends work and why', async () => {
    const { status, stdout } = await ligature(['doctor'], folder);
    expect(status).toBe(0);
    for (const name of ['tensorflow-gpu', 'onnxruntime', 'tensorflow', 'wasm', 'cpu', 'webgpu', 'cuda']) {
      expect(stdout).toContain(name);
    }
    expect(stdout).toContain('npm install @tensorflow/tfjs-node');
  });

  it('writes the same log twice on onnxruntime with the same seed and threads', async () => {
    const doctor = JSON.parse((await ligature(['doctor', '--json'], folder)).stdout) as {
      providers: { provider: string; works: boolean; reason: string }[];
    };
    const cpu = doctor.providers.find(({ provider }) => provider === 'cpu')!;
    if (!cpu.works) {
      console.log(`not tested: runs on onnxruntime: ${cpu.reason}`);
      return;
    }
    const logs: string[] = [];
    for (const name of ['once', 'again']) {
      const flags = [...TINY, '--backend', 'onnxruntime', '--threads', '2', '--name', name];
      const { status, stderr } = await ligature(['train', ...flags], folder);
      expect(status, stderr).toBe(0);
      const log = readFileSync(join(folder, 'runs', name, 'events.jsonl'), 'utf8');
      logs.push(log.replace(/"durationMs":[\d.e-]+/g, '"durationMs":0'));
    }
    expect(logs[0]).toContain('"step.completed"');
    expect(logs[1]).toBe(logs[0]);
  });

  it('stops cleanly at the first Ctrl-C and keeps what there is', async () => {
    const args = ['train', ...TINY, '--steps', '100000', '--name', 'stopped'];
    const { child, outcome } = start(args, folder);
    const log = join(folder, 'runs', 'stopped', 'events.jsonl');
    const begun = (): boolean => existsSync(log) && readFileSync(log, 'utf8').includes('step.completed');
    while (!begun()) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    const { status, stdout, stderr } = await outcome;
    expect(status).toBe(130);
    expect(stderr).toMatch(/stopp/i);
    // How to go on is part of the goodbye.
    expect(stdout).toContain('ligature resume runs/stopped');
    const result = JSON.parse(readFileSync(join(folder, 'runs', 'stopped', 'result.json'), 'utf8')) as {
      outcome: string;
      steps: number;
    };
    expect(result.outcome).toBe('stopped');
    expect(readdirSync(join(folder, 'runs', 'stopped', 'checkpoints'))).toContain('latest');
  });

  it('resumes a run that was killed, and loads no code that only the run names', async () => {
    const plugin = join(folder, 'mine.mjs');
    writeFileSync(
      plugin,
      `console.error('LOADED');
export default { name: 'mine', version: '1.0.0', controllers: { mine: {
  meta: { summary: 'mine', options: { safeParse: (data) => ({ success: true, data }) } },
  create: () => ({ initial: (layers) => Array(layers).fill(0), snapshot: () => null, restore: () => {} }),
} } };`,
    );
    const args = ['train', ...TINY, '--steps', '100000', '--set', 'checkpoint.every=5', '--name', 'killed'];
    const { child, outcome } = start([...args, '--plugins', './mine.mjs', '--controller', 'mine'], folder);
    const run = join(folder, 'runs', 'killed');
    while (!existsSync(join(run, 'checkpoints', 'step-000010'))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill('SIGKILL');
    await outcome;

    const refused = await ligature(['resume', 'runs/killed'], folder);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toMatch(/no controller of that name.*--plugins/s);
    expect(refused.stderr).not.toContain('LOADED');

    const again = start(['resume', 'runs/killed', '--plugins', './mine.mjs', '--json'], folder);
    const log = join(run, 'events.jsonl');
    const steps = (): number[] =>
      [...readFileSync(log, 'utf8').matchAll(/"step.completed","step":(\d+)/g)].map(([, step]) =>
        Number(step),
      );
    while (!steps().includes(25)) await new Promise((resolve) => setTimeout(resolve, 20));
    again.child.kill('SIGTERM');
    expect((await again.outcome).status).toBe(143);
    // One continuous log: every step once, in order.
    const seen = steps();
    expect(seen).toEqual(seen.map((_, index) => index + 1));
    const generated = await ligature(['generate', 'runs/killed', '--tokens', '3'], folder);
    expect(generated.status).toBe(0);
    expect(generated.stderr).not.toContain('LOADED');
  });
});

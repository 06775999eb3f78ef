/** The check itself: it passes on good files, and it can fail. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deviations, EXACT, reportLine } from './deviation.js';

const golden = fileURLToPath(new URL('./golden', import.meta.url));
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
    const { status, stdout, stderr } = await parity(golden);
    expect(stderr).toBe('');
    expect(stdout.match(/\bok$/gm)).toHaveLength(9);
    expect(stdout).toContain('8 of 8 scenarios ok');
    expect(status).toBe(0);
  });

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
    const { status, stdout } = await parity(folder);
    expect(stdout).toMatch(/gpt2-tiny\/untied .*FAIL \(losses at step 4/);
    expect(stdout).toMatch(/official-4-layers .*FAIL/);
    expect(stdout).toContain('0 of 2 scenarios ok');
    expect(status).toBe(1);
  });

  it('ends with status 2 when there is nothing to check', async () => {
    const { status, stderr } = await parity(join(folder, 'nowhere'));
    expect({ status, said: stderr.includes('there is no such folder') }).toEqual({ status: 2, said: true });
  });
});

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

/** How doctor tries execution providers: in processes of their own, which may crash, hang or compute nonsense. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { providerText } from '../src/commands/doctor.js';
import { checkProvider, type ProviderReport } from '../src/doctor/providers.js';
import { paintFor } from '../src/terminal/paint.js';
import { fakeIo } from './fake-io.js';

const SOURCE = ['--conditions=@ligature/source', '--import', 'tsx'];
const folder = mkdtempSync(join(tmpdir(), 'ligature-doctor-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A process that does something else than the real one. */
function standIn(name: string, program: string): { entry: URL; execArgv: string[] } {
  const path = join(folder, `${name}.mjs`);
  writeFileSync(path, program);
  return { entry: pathToFileURL(path), execArgv: [] };
}
const answers = (message: object): string =>
  `process.send(${JSON.stringify(message)}, () => process.disconnect());`;

describe('an execution provider', () => {
  it('works when a training step gives the numbers of the cpu backend', async () => {
    const report = await checkProvider('cpu', { execArgv: SOURCE });
    if (report.version === null) {
      console.log(`not tested: the provider cpu at work: ${report.reason}`);
      expect(report.todo).not.toBeNull();
      return;
    }
    expect(report).toMatchObject({ provider: 'cpu', works: true, todo: null, crashed: false });
    expect(report.reason).toMatch(/^ONNX Runtime, \d+ threads?$/);
    expect(report.deviation).toBeLessThan(1e-5);
  });

  it.each(['webgpu', 'cuda'])('%s works, or says in one line why not and what to do', async (provider) => {
    const { works, reason, todo } = await checkProvider(provider, { execArgv: SOURCE });
    expect(reason.split('\n')).toHaveLength(1);
    expect(reason).not.toBe('');
    expect(todo === null).toBe(works);
  });

  it('fails with its process, and says how that ended', async () => {
    const crash = standIn('crash', `process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000);`);
    expect(await checkProvider('webgpu', crash)).toEqual({
      provider: 'webgpu',
      works: false,
      reason: 'the process that tried it ended by SIGSEGV',
      todo: 'Update the driver, or use the provider "cpu"',
      version: null,
      deviation: null,
      millisecondsPerStep: null,
      crashed: true,
    });
    const exits = await checkProvider('cpu', standIn('exit', 'process.exit(7);'));
    expect([exits.reason, exits.todo]).toEqual([
      'the process that tried it ended with status 7',
      'Use `--backend wasm`',
    ]);
    const hangs = standIn('hang', 'setInterval(() => {}, 1000);');
    const hung = await checkProvider('cuda', { ...hangs, timeoutMs: 300 });
    expect([hung.reason, hung.crashed]).toEqual([
      'the process that tried it did not answer within 0.3 s',
      true,
    ]);
  });

  it('fails when its numbers are others than those of the cpu backend, or none', async () => {
    const computed = { kind: 'computed', version: '1.2', detail: 'a card', milliseconds: 3 };
    const wrong = await checkProvider('webgpu', standIn('wrong', answers({ ...computed, deviation: 0.02 })));
    expect(wrong).toMatchObject({ works: false, version: '1.2', deviation: 0.02, crashed: false });
    expect(wrong.reason).toContain('deviates by 2.0e-2');
    // JSON has no NaN: the message arrives with null.
    const nothing = await checkProvider('webgpu', standIn('nan', answers({ ...computed, deviation: NaN })));
    expect(nothing).toMatchObject({ works: false, deviation: null });
    expect(nothing.reason).toContain('gives no numbers');
  });
});

it('is shown with its numbers, or with what to do', () => {
  const base = { version: null, deviation: null, millisecondsPerStep: null, crashed: false };
  const reports: ProviderReport[] = [
    {
      ...{ provider: 'cpu', works: true, reason: 'ONNX Runtime, 2 threads', todo: null, crashed: false },
      ...{ version: '1.30.0', deviation: 1.14e-7, millisecondsPerStep: 12.34 },
    },
    { ...base, provider: 'webgpu', works: false, reason: 'No supported adapters', todo: 'It needs a GPU' },
  ];
  const io = fakeIo();
  expect(providerText(reports, 100, paintFor(io.stdout, io.env))).toBe(
    [
      'Execution providers of onnxruntime, each tried with a training step',
      'yes cpu     ONNX Runtime, 2 threads (version 1.30.0, 12.3 ms a small step, within 1.1e-7 of cpu)',
      'no  webgpu  No supported adapters',
      '            to get it: It needs a GPU',
    ].join('\n'),
  );
});

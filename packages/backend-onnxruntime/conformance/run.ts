/**
 * Runs tfjs-core's own specs: `npm run conformance [-- --write]`, or on one backend only and as far as names match:
 * `npm run conformance -- --backend wasm --grep "conv2d"`. Exit status 1 where a spec fails that is not excluded, an
 * exclusion is needless, too few of wasm's specs pass, or CONFORMANCE.md is not what the run found.
 */
import { fork } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleSpecs } from './bundle.js';
import { EXCLUSIONS } from './exclusions.js';
import { count } from './outcome.js';
import type { BackendName, Run, SpecOutcome } from './outcome.js';
import { renderReport } from './report.js';
import { judge, WANTED_SHARE } from './verdict.js';

const REPORT = fileURLToPath(new URL('../CONFORMANCE.md', import.meta.url));
const BACKENDS: readonly BackendName[] = ['onnxruntime', 'wasm', 'cpu'];

const { values: flags } = parseArgs({
  options: {
    backend: { type: 'string' },
    provider: { type: 'string' },
    grep: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

function runOn(backend: BackendName, bundle: string): Promise<Run> {
  const start = performance.now();
  const provider = flags.provider === undefined ? {} : { CONFORMANCE_PROVIDER: flags.provider };
  const child = fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [bundle, flags.grep ?? ''], {
    env: { ...process.env, CONFORMANCE_BACKEND: backend, ...provider },
    // Engines print what specs provoke on purpose.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let noise = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (noise = `${noise}${text}`.slice(-4000)));
  return new Promise((resolve, reject) => {
    let specs: readonly SpecOutcome[] | undefined;
    child.once('message', (message) => (specs = message as SpecOutcome[]));
    child.once('error', reject);
    child.once('close', (status, signal) => {
      if (specs) resolve({ backend, specs, seconds: (performance.now() - start) / 1000 });
      else
        reject(new Error(`the specs on ${backend} ended with ${signal ?? status} and no result:\n${noise}`));
    });
  });
}

function summarize(run: Run): void {
  const [passed, failed, skipped] = (['passed', 'failed', 'skipped'] as const).map((status) =>
    count(run, status),
  );
  console.log(
    `${run.backend}: ${passed} passed, ${failed} failed, ${skipped} skipped by tfjs-core, ${run.seconds.toFixed(0)} s`,
  );
}

const list = (specs: readonly SpecOutcome[]): void => {
  for (const { name, message } of specs) console.log(`  ${name}: ${message ?? ''}`);
};

async function single(backend: string, bundle: string): Promise<boolean> {
  const name = BACKENDS.find((known) => known === backend);
  if (!name) throw new Error(`there is no backend "${backend}" here; choose one of ${BACKENDS.join(', ')}`);
  const run = await runOn(name, bundle);
  summarize(run);
  list(run.specs.filter(({ status }) => status === 'failed'));
  return count(run, 'failed') === 0;
}

async function both(bundle: string): Promise<boolean> {
  const [run, wasm] = [await runOn('onnxruntime', bundle), await runOn('wasm', bundle)];
  [run, wasm].forEach(summarize);
  const verdict = judge(run, wasm, EXCLUSIONS);
  const { unexpected, stale, shared, passedByWasm, share } = verdict;
  console.log(
    `of ${passedByWasm} names that pass on wasm, ${shared} pass here: ${(100 * share).toFixed(2)} %`,
  );
  console.log(`excluded: ${EXCLUSIONS.length}`);
  if (unexpected.length > 0) console.log('fail and are not excluded:');
  list(unexpected);
  if (stale.length > 0) console.log('excluded and pass, take them from conformance/exclusions.ts:');
  for (const { name } of stale) console.log(`  ${name}`);
  const version = (name: string): string =>
    (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
  const report = await renderReport(run, wasm, verdict, EXCLUSIONS, {
    tfjs: version('@tensorflow/tfjs-core'),
    onnxruntime: version('onnxruntime-node'),
  });
  const sound = unexpected.length === 0 && stale.length === 0 && share >= WANTED_SHARE;
  if (flags.write) {
    writeFileSync(REPORT, report);
    return sound;
  }
  const current = readFileSync(REPORT, 'utf8') === report;
  if (!current) console.log('CONFORMANCE.md says otherwise: npm run conformance -- --write');
  return sound && current;
}

const bundle = await bundleSpecs();
const sound = await (flags.backend === undefined && flags.grep === undefined
  ? both(bundle)
  : single(flags.backend ?? 'onnxruntime', bundle));
process.exitCode = sound ? 0 : 1;
